"""Two runs of one recording: what the second gains, loses and moves."""

import hashlib
import math
from pathlib import Path

import msgspec
import pytest

from streams.events import SECOND, Box, Evidence, FrameRef, Incident, Micros, Place, Rule
from streams.recordings import canonical, runs, trial
from streams.recordings.runs import Difference, compare, made
from streams.recordings.trial import RulesError


def incident(
    id: str, start: int, end: int | None = None, *, revision: int = 0, source: str = "cam"
) -> Incident:
    return Incident(
        id=id,
        kind="crowd",
        rule="crowd",
        origin="replayed",
        severity="high",
        sources=(source,),
        zone="lawn",
        subject="",
        start=start * SECOND,
        decided_at=((start if end is None else end) + 1) * SECOND,
        end=None if end is None else end * SECOND,
        revision=revision,
        place=None,
    )


def run(*incidents: Incident) -> runs.Run:
    return made("run", "", canonical.log(incidents, 0, 10_000 * SECOND))


def changes(found: list[Difference]) -> list[tuple[str, Micros | None, Micros | None]]:
    def start(times: dict[str, Micros] | None) -> Micros | None:
        return times["start"] // SECOND if times else None

    return [(each.change, start(each.first), start(each.second)) for each in found]


A, A_ENDED = incident("a", 10), incident("a", 10, 20, revision=1)


def test_equal_runs_differ_in_nothing() -> None:
    assert compare(run(A, A_ENDED), run(A_ENDED, A)) == []


def test_what_only_one_has_is_gained_or_lost() -> None:
    other = incident("b", 30)
    assert changes(compare(run(A), run(A, other))) == [("gained", None, 30)]
    assert changes(compare(run(A, other), run(A))) == [("lost", 30, None)]


def test_another_end_is_a_move() -> None:
    later = incident("a", 10, 25, revision=1)
    assert changes(compare(run(A, A_ENDED), run(A, later))) == [("moved", 10, 10)]


def test_one_at_the_same_place_and_time_has_moved() -> None:
    shifted = [incident("c", 15), incident("c", 15, 28, revision=1)]
    assert changes(compare(run(A, A_ENDED), run(*shifted))) == [("moved", 10, 15)]


@pytest.mark.parametrize(
    "other",
    [
        [incident("c", 15, source="elsewhere")],
        [incident("c", 30), incident("c", 30, 40, revision=1)],
    ],
    ids=["elsewhere", "later"],
)
def test_one_elsewhere_or_later_is_another(other: list[Incident]) -> None:
    found = changes(compare(run(A, A_ENDED), run(*other)))
    assert [change for change, *_ in found] == ["lost", "gained"]


# --- rules that are tried -------------------------------------------------------------------


def test_rules_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(
        "- {id: crowd, kind: crowd, severity: high, zones: [lawn], parameters: {count: 7}}\n"
        "- {id: quiet, kind: silence, severity: low}\n"
    )
    crowd, quiet = trial.rules(path)
    assert crowd == Rule("crowd", "crowd", "high", zones=("lawn",), parameters={"count": 7.0})
    assert quiet == Rule("quiet", "silence", "low")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "line 1, column 2"),
        ("{}", "give a list of rules"),
        ("- {id: a, kind: crowd}", "rule 1: .*severity"),
        ("- {id: a, kind: crowd, severity: high, zone: x}", "rule 1: .*zone"),
        ("- {id: a, kind: rain, severity: high}", "rule 1: .*rain"),
        ("- 7", "rule 1"),
        (
            "- {id: a, kind: congestion, severity: high, parameters: {speed_clear: 10}}",
            "rule 1: .*speed_clear is below speed_below",
        ),
        ("- &a {id: a, kind: crowd, severity: high}\n- *a", "two rules"),
    ],
)
def test_what_is_wrong_with_a_file_of_rules_is_said(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    with pytest.raises(RulesError, match=said) as error:
        trial.rules(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="No such file"):
        trial.rules(tmp_path / "none.yaml")


# --- the canonical log ----------------------------------------------------------------------


def test_a_line_has_what_events_decide_and_nothing_else() -> None:
    (line,) = canonical.log([A], 0, 100 * SECOND)
    fields = canonical.row(line)
    left_out = set(Incident.__struct_fields__) - set(fields)
    assert left_out == {"origin"}
    assert fields["start"] == 10 * SECOND


def test_what_is_at_its_default_is_left_out() -> None:
    (line,) = canonical.log([A], 0, 100 * SECOND)
    assert line == (
        b'{"decided_at":11000000,"id":"a","kind":"crowd","rule":"crowd","severity":"high",'
        b'"sources":["cam"],"zone":"lawn","start":10000000}'
    )


PROVEN = msgspec.structs.replace(
    A_ENDED,
    kind="no_data",
    place=Place(16.1, 108.2, "bridge"),
    part_of="b",
    evidence=(
        Evidence(
            "cam", 5, "m@1", FrameRef(1, 2, "f00d"), (Box(1, 2, 3, 4, "car", 900),), ((0, 1),)
        ),
        Evidence("loop", 6, "", metric="speed", series=((1, 40.5, 20), (2, math.nan, 9))),
    ),
)


def test_that_an_incident_is_unknown_is_said_in_the_version_of_now_alone() -> None:
    unknown = msgspec.structs.replace(A, unknown_since=11 * SECOND, revision=1)
    (old,), (new,) = (canonical.log([unknown], 0, 100 * SECOND, version) for version in (1, 2))
    assert new.endswith(b'"start":10000000,"unknown_since":11000000}')
    known = msgspec.structs.replace(unknown, unknown_since=None)
    assert [old] == canonical.log([known], 0, 100 * SECOND, 1)


def test_a_line_of_any_version_says_the_same() -> None:
    (old,), (new,) = (canonical.log([PROVEN], 0, 100 * SECOND, version) for version in (1, 2))
    before, after = canonical.row(old), canonical.row(new)
    assert (before.pop("kind"), after.pop("kind")) == ("silence", "no_data")
    place = after.pop("place")
    assert before.pop("place") == list(place.values())
    assert before == after


def test_the_digest_is_of_the_header_too() -> None:
    lines = canonical.log([A], 0, 100 * SECOND)
    head = b'{"log":3,"seen_by":"a machine"}'
    whole = head + b"\n" + lines[0] + b"\n"
    assert canonical.digest(lines, seen_by="a machine") == hashlib.sha256(whole).hexdigest()
    assert canonical.digest(lines) != canonical.digest(lines, seen_by="a machine")
    assert canonical.digest(lines, 1) == hashlib.sha256(lines[0] + b"\n").hexdigest()


def test_order_of_arrival_origin_and_repetition_change_no_digest() -> None:
    live = msgspec.structs.replace(A, origin="live")
    one = canonical.log([A, A_ENDED], 0, 100 * SECOND)
    two = canonical.log([A_ENDED, live, live], 0, 100 * SECOND)
    assert canonical.digest(one) == canonical.digest(two)


def test_the_window_is_open_at_its_start_and_closed_at_its_end() -> None:
    assert canonical.log([A], A.decided_at, A.decided_at + 1) == []
    assert len(canonical.log([A], A.decided_at - 1, A.decided_at)) == 1


@pytest.mark.parametrize(
    ("kind", "lines"), [("data_loss", 0), ("system_clock", 0), ("clock_error", 1), ("gone", 1)]
)
def test_a_line_is_of_what_a_replay_finds_again(kind: str, lines: int) -> None:
    one = msgspec.structs.replace(A, kind=kind)
    assert len(canonical.log([one], 0, 100 * SECOND)) == lines


def test_lost_messages_are_no_line() -> None:
    lost = msgspec.structs.replace(A, kind="data_loss")
    assert canonical.log([lost], 0, 100 * SECOND) == []
