"""Who is on shift and what they hand over: one document, two signatures, rebuilt from the log."""

from collections.abc import Iterable

import msgspec
import pytest

from services.alerts import shifts
from services.alerts.shifts import (
    NOBODY,
    Accepted,
    Event,
    Item,
    Line,
    Noted,
    Offered,
    Refused,
    Shift,
    digest_of,
    fold,
    written,
)
from streams.events import HOUR, MINUTE
from tests.support.alerting import START

PUMP = Item(
    id="a-1", version=3, kind="low_value", source="pump-4", state="shelved", severity="high",
    priority=1, count=2, latest_time=START, shelved_until=START + HOUR, shelved_for="crew",
)  # fmt: skip


class Book:
    """A log as it is written, one line after the other."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.time = START

    @property
    def city(self) -> Shift:
        return fold(self.lines).get("", NOBODY)

    def line(self, actor: str, event: Event | Refused, area: str = "") -> Refused | None:
        if isinstance(event, Refused):
            return event
        self.time += MINUTE
        self.lines.append(Line(area=area, time=self.time, actor=actor, event=event))
        return None

    def begin(self, who: str) -> Refused | None:
        return self.line(who, shifts.begin(self.city, who))

    def end(self, who: str) -> Refused | None:
        return self.line(who, shifts.end(self.city, who))

    def note(self, who: str, text: str) -> Refused | None:
        return self.line(who, shifts.note(self.city, who, text))

    def offer(self, who: str, items: Iterable[Item] = (PUMP,)) -> Refused | None:
        line = Line(area="", time=self.time + MINUTE, actor=who, event=Noted(""))
        counts = {"shelved": 1, "acknowledged": 4}
        return self.line(who, shifts.offer(self.city, line, "rain", tuple(items), counts))

    def accept(self, who: str, digest: str = "") -> Refused | None:
        offered = self.city.offered
        digest = digest or (offered.digest if offered else "")
        return self.line(who, shifts.accept(self.city, who, digest))


def handed() -> Book:
    book = Book()
    book.begin("lan")
    book.note("lan", "The pump at Cầu Rào is on its spare")
    book.offer("lan")
    book.accept("minh")
    return book


def test_a_hand_over_takes_two_and_changes_who_is_on_shift() -> None:
    book = handed()
    assert [one.user for one in book.city.on] == ["minh"]
    (one,) = book.city.handed
    assert (one.document.from_user, one.to_user) == ("lan", "minh")
    assert [note.text for note in one.document.notes] == ["The pump at Cầu Rào is on its spare"]
    assert one.document.items == (PUMP,)
    assert book.city.notes == ()


def test_the_document_comes_byte_for_byte_from_the_log() -> None:
    book = handed()
    kept = msgspec.json.encode(book.lines)
    read = msgspec.json.decode(kept, type=list[Line])
    (one,) = fold(read)[""].handed
    assert written(one.document) == written(book.city.handed[0].document)
    assert digest_of(one.document) == one.digest
    accepted = read[-1].event
    assert isinstance(accepted, Accepted)
    assert accepted.digest == one.digest, "both have signed the same"


def test_control_a_line_that_was_changed_has_another_digest() -> None:
    book = handed()
    book.lines[1] = msgspec.structs.replace(book.lines[1], event=Noted("Nothing special"))
    (one,) = book.city.handed
    assert digest_of(one.document) != one.digest


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        (["begin lan", "begin lan"], "already_on_shift"),
        (["end lan"], "not_on_shift"),
        (["note lan"], "not_on_shift"),
        (["offer lan"], "not_on_shift"),
        (["accept minh"], "no_offer"),
        (["begin lan", "offer lan", "accept lan"], "same_person"),
        (["begin lan", "offer lan", "note lan", "accept minh"], "no_offer"),
        (["begin lan", "offer lan", "end lan", "accept minh"], "no_offer"),
        (["begin lan", "offer lan", "accept minh", "accept duc"], "no_offer"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(steps: list[str], reason: str) -> None:
    book = Book()
    for step in steps:
        action, who = step.split()
        more = ("wet",) if action == "note" else ()
        refused = getattr(book, action)(who, *more)
    assert refused
    assert refused.reason == reason


def test_nobody_signs_a_document_that_they_have_not_read() -> None:
    book = Book()
    book.begin("lan")
    book.offer("lan")
    first = book.city.offered
    book.offer("lan", ())
    assert first
    refused = book.accept("minh", first.digest)
    assert refused
    assert refused.reason == "digest"


def test_notes_of_two_on_shift_stay_until_they_are_handed_over() -> None:
    book = Book()
    book.begin("lan")
    book.begin("duc")
    book.note("lan", "one")
    book.end("lan")
    book.note("duc", "two")
    book.offer("duc")
    offered = book.city.offered
    assert offered
    assert [note.text for note in offered.document.notes] == ["one", "two"]


def test_areas_are_apart() -> None:
    book = handed()
    book.line("hoa", shifts.begin(NOBODY, "hoa"), "Hồng Bàng")
    known = fold(book.lines)
    assert [one.user for one in known["Hồng Bàng"].on] == ["hoa"]
    assert [one.user for one in known[""].on] == ["minh"]


def test_a_hand_over_is_bounded() -> None:
    book = Book()
    book.begin("lan")
    book.offer("lan", [PUMP] * 2_000)
    event = book.lines[-1].event
    assert isinstance(event, Offered)
    assert len(event.items) == shifts.MOST_ITEMS
