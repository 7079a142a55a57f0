"""Whatever is done to the lines of an audit log is found, and so is a chain computed anew."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.anchors import Anchor, Anchored, Anchors, anchor
from services.audit.chain import FORM, Head, Line, canonical, extended, hash_of
from services.audit.entry import Entry, tidied
from services.audit.log import CUT
from services.audit.verification import Verdict, verify
from tests.support.audit import START, anchor_of, anchored, chained, entry

NONE = Anchored([], 0)
TEXTS = [
    name
    for name in Entry.__struct_fields__
    if isinstance(getattr(entry(), name), str) and name not in ("means", "outcome")
]
NUMBERS = ["time", "last", "times"]
LINES = chained(entry(n) for n in range(12))


def again(line: Line, **changes: object) -> Line:
    return line._replace(entry=msgspec.structs.replace(line.entry, **changes))


def rebuilt(lines: Sequence[Line], first: bytes = b"\x07" * 32) -> list[Line]:
    """All hashes computed anew, as somebody would who knows how."""
    return chained((line.entry for line in lines), first)


def fault(verdict: Verdict) -> tuple[str, int]:
    found = verdict.findings[0]
    return found.fault, found.line


def test_a_log_that_nobody_has_touched_is_whole() -> None:
    verdict = verify(LINES, anchored(LINES[::3]))
    assert verdict.whole
    assert verdict.said == (
        "the audit log is whole: lines 1 to 12, as 4 anchors outside the database have them"
    )


@given(
    number=st.integers(0, len(LINES) - 1), field=st.sampled_from(TEXTS), text=st.text(max_size=20)
)
def test_any_text_that_is_altered_is_found_and_its_line_named(
    number: int, field: str, text: str
) -> None:
    lines = list(LINES)
    lines[number] = again(lines[number], **{field: text})
    if lines[number] == LINES[number]:
        assert verify(lines, anchored(LINES[-1:])).whole
    else:
        assert fault(verify(lines, anchored(LINES[-1:]))) == ("changed", number + 1)


@given(
    number=st.integers(0, len(LINES) - 1),
    field=st.sampled_from(NUMBERS),
    by=st.integers(-(2**40), 2**40).filter(bool),
)
def test_any_number_that_is_altered_is_found(number: int, field: str, by: int) -> None:
    lines = list(LINES)
    lines[number] = again(lines[number], **{field: getattr(lines[number].entry, field) + by})
    assert fault(verify(lines, NONE)) == ("changed", number + 1)


@given(
    number=st.integers(0, len(LINES) - 1),
    field=st.sampled_from(["hash", "previous"]),
    at=st.integers(0, 31),
    bit=st.integers(0, 7),
)
def test_any_bit_of_a_hash_that_is_altered_is_found(
    number: int, field: str, at: int, bit: int
) -> None:
    lines = list(LINES)
    value = bytearray(getattr(lines[number], field))
    value[at] ^= 1 << bit
    lines[number] = lines[number]._replace(**{field: bytes(value)})
    assert not verify(lines, anchored(LINES)).whole


@given(first=st.integers(1, 10), number=st.integers(1, 5))
def test_lines_that_are_removed_are_missing(first: int, number: int) -> None:
    lines = LINES[:first] + LINES[first + number :]
    verdict = verify(lines, anchored(LINES[-1:]))
    kind = "missing" if first + number < len(LINES) else "cut"
    assert fault(verdict) == (kind, first + 1)


@given(st.permutations(range(len(LINES))).filter(lambda order: order != sorted(order)))
def test_lines_that_are_moved_are_found(order: list[int]) -> None:
    """As the database gives them in the order of their numbers, they were exchanged."""
    lines = [LINES[source]._replace(sequence=place) for place, source in enumerate(order, 1)]
    changed = next(place for place, source in enumerate(order) if source != place)
    assert fault(verify(lines, NONE))[1] == changed + 1


@given(st.integers(1, 11))
def test_a_line_that_is_put_in_between_is_found(place: int) -> None:
    before = LINES[place - 1]
    forged = extended(Head("", before.sequence, before.hash), entry(99))
    moved = [line._replace(sequence=line.sequence + 1) for line in LINES[place:]]
    verdict = verify([*LINES[:place], forged, *moved], anchored(LINES[-1:]))
    assert not verdict.whole


@given(st.integers(1, 11))
def test_an_end_that_is_cut_off_is_found_by_its_anchors(kept: int) -> None:
    verdict = verify(LINES[:kept], anchored(LINES))
    assert fault(verdict) == ("cut", kept + 1)
    assert "the end is cut off" in verdict.said


@given(
    number=st.integers(0, len(LINES) - 1),
    confirmed=st.lists(st.integers(0, len(LINES) - 1), min_size=1),
)
def test_a_chain_that_is_computed_anew_is_found_by_any_anchor_after_the_change(
    number: int, confirmed: list[int]
) -> None:
    forged = rebuilt([again(x, actor="an") if n == number else x for n, x in enumerate(LINES)])
    known = anchored(LINES[n] for n in confirmed)
    assert all(line.is_itself for line in forged)
    verdict = verify(forged, known)
    if max(confirmed) < number:
        assert verdict.whole, "what came after the last anchor is not confirmed by any"
        return
    kind, line = fault(verdict)
    assert kind == "rewritten"
    assert line <= number + 1
    assert "written anew" in verdict.said


def test_control_without_anchors_a_chain_that_is_computed_anew_is_a_chain() -> None:
    forged = rebuilt([again(line, actor="an") for line in LINES])
    found = verify(forged, NONE).findings
    assert [one.fault for one in found] == ["unanchored"], "nothing else is to be found"
    assert verify(forged, anchored(forged)).whole


def test_a_log_that_begins_anew_is_another_one() -> None:
    fresh = rebuilt(LINES[:3], b"\x08" * 32)
    other = anchored(LINES)
    own = [anchor_of(line, (b"\x08" * 32).hex()) for line in fresh]
    verdict = verify(fresh, Anchored([*other.anchors, *own], 0))
    assert fault(verdict) == ("replaced", 0)
    ended = anchor(Head(other.anchors[0].log, 12, LINES[-1].hash), START, "reset", "machine")
    assert verify(fresh, Anchored([*other.anchors, ended, *own], 0)).whole


def test_an_empty_log_is_whole_unless_there_was_one() -> None:
    assert verify([], NONE).said == "the audit log is empty"
    assert fault(verify([], anchored(LINES))) == ("replaced", 0)


# --- retention --------------------------------------------------------------------------------


def with_cut(kept_from: int, said: str = LINES[0].previous.hex()) -> tuple[list[Line], Anchor]:
    last = LINES[-1]
    line = extended(
        Head(said, last.sequence, last.hash), entry(20, action=CUT, subject=said, means="system")
    )
    gone = LINES[kept_from - 2]
    cut = anchor(Head(LINES[0].previous.hex(), gone.sequence, gone.hash), START, "cut")
    return [*LINES[kept_from - 1 :], line], cut


@given(st.integers(2, 12))
def test_a_start_that_retention_has_cut_is_whole(kept_from: int) -> None:
    lines, cut = with_cut(kept_from)
    heads = [*anchored(LINES).anchors, cut, anchor_of(lines[-1])]
    assert verify(lines, Anchored(heads, 0)).whole


def test_a_start_that_somebody_else_has_cut_is_found() -> None:
    lines, cut = with_cut(5)
    heads = [*anchored(LINES).anchors, anchor_of(lines[-1])]
    assert fault(verify(lines, Anchored(heads, 0))) == ("missing", 1)
    more = lines[2:]
    assert fault(verify(more, Anchored([*heads, cut], 0))) == ("missing", 1)


# --- the form ---------------------------------------------------------------------------------


def test_the_form_is_what_the_page_says() -> None:
    """A program of others computes the same: netstrings of form, previous hash, place, fields."""
    one = Entry(
        time=START,
        last=START,
        actor="lan",
        role="operator",
        means="browser",
        action="rule:put",
        subject="đám đông",
        id="ab",
    )
    values = [b"1", bytes(32), b"1", str(START).encode(), str(START).encode(), b"1", b"lan"]
    values += [b"operator", b"browser", b"", b"", b"rule:put", "đám đông".encode(), b"done"]
    values += [b"", b"", b"", b"ab"]
    spelled = b"".join(str(len(value)).encode() + b":" + value + b"," for value in values)
    assert canonical(bytes(32), 1, one) == spelled
    assert hash_of(bytes(32), 1, one) == hashlib.sha256(spelled).digest()
    assert FORM == 1


@given(st.text(), st.text(), st.text(), st.text())
def test_no_field_runs_over_into_the_next(a: str, b: str, c: str, d: str) -> None:
    one, two = entry(id="1", actor=a, role=b), entry(id="1", actor=c, role=d)
    same = canonical(bytes(32), 1, tidied(one)) == canonical(bytes(32), 1, tidied(two))
    assert same == (tidied(one) == tidied(two))


@pytest.mark.parametrize("text", ["a\0b", "\udc80", "x" * 5000, "\u202e\x1b[31m"])
def test_a_text_is_one_that_can_be_stored_and_is_otherwise_left_as_it_is(text: str) -> None:
    kept = tidied(entry(subject=text)).subject
    kept.encode()
    assert "\0" not in kept
    assert len(kept) <= 200
    assert tidied(entry(subject=kept)).subject == kept


# --- anchors ----------------------------------------------------------------------------------


def test_anchors_are_appended_for_their_owner_only_and_a_torn_line_costs_itself(
    tmp_path: Path,
) -> None:
    anchors = Anchors(tmp_path)
    one, two = anchored(LINES[:2]).anchors
    anchors.add(one)
    (file,) = (tmp_path / "anchors").iterdir()
    with file.open("ab") as torn:
        torn.write(b'{"time": "2026-')
    anchors.add(two)
    assert anchors.read() == Anchored([one, two], 1)
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0
    anchors.drop_before(START)
    assert anchors.read().anchors == [one, two], "its month is not over"
    anchors.drop_before(START + 40 * 86_400_000_000)
    assert anchors.read().anchors == []
