"""Of each source so many dead letters are kept, and the rest is counted."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from streams.control import KEY, Control, change, tick
from streams.events import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    BadMessage,
    ControlChange,
    DeadLetter,
    Event,
    Frame,
    Headers,
    Readings,
    Tick,
    dead_letter,
    encode,
    new_frame,
)
from streams.quotas import BYTES, FIRST_BYTES, LETTERS, UNKNOWN, Quotas, keep
from streams.runtime.partition import Outgoing, Partition
from streams.stage import SAME_PARTITION, Output, Position, Result
from streams.topics import DEAD_LETTERS, FRAMES
from tests.support.loops import START, loop, pack
from tests.support.watchman import camera


def letter(reason: str = "checksum", size: int = 10, source: str = "cam") -> DeadLetter:
    bad = BadMessage(reason, "it is bad")
    headers = [("ce_type", b"cityops.frame"), ("ce_source", source.encode())]
    return dead_letter(bad, (FRAMES, 0, 1), START, headers, b"x" * size)


def flood(number: int, *, size: int = 10, over: int = 0) -> list[DeadLetter | None]:
    """So many letters of one source, spread over so much event time; None: it is not kept."""
    spent: Quotas = {}
    found, each = [], letter(size=size)
    for place in range(number):
        spent, kept = keep(spent, "cam", each, START + over * place // number)
        found.append(kept)
    return found


def kept(found: list[DeadLetter | None]) -> list[DeadLetter]:
    return [one for one in found if one is not None]


def test_at_once_so_many_are_kept_and_then_one_a_minute() -> None:
    assert kept(flood(LETTERS)) == [letter()] * LETTERS
    assert len(kept(flood(10_000))) == LETTERS
    hours = len(kept(flood(100_000, over=10 * 60 * MINUTE)))
    assert LETTERS + 598 <= hours <= LETTERS + 600


def test_a_camera_cannot_fill_the_topic() -> None:
    """2 MiB of garbage each second, for a day of event time."""
    found = kept(flood(86_400, size=2**21, over=DAY))
    stored = sum(len(one.value) for one in found)
    assert BYTES <= stored <= 30 * 2**20


def test_the_first_of_each_reason_is_kept_however_much_came_before() -> None:
    spent: Quotas = {}
    for _ in range(1000):
        spent, _ = keep(spent, "cam", letter(size=2**17), START)
    spent, first = keep(spent, "cam", letter("undecodable", 2**20), START)
    assert first is not None
    assert len(first.value) == FIRST_BYTES
    assert first.detail == f"it is bad (first {FIRST_BYTES} of {2**20} bytes kept)"
    assert sum(first.left_out.values()) == first.left_out["checksum"] > 900
    assert keep(spent, "cam", letter("undecodable"), START)[1] is None


def test_the_next_that_is_kept_says_how_many_were_not() -> None:
    assert all(one.left_out == {} for one in kept(flood(LETTERS + 7)))
    spent: Quotas = {}
    for _ in range(LETTERS + 7):
        spent, _ = keep(spent, "cam", letter(), START)
    spent, after = keep(spent, "cam", letter(), START + 2 * MINUTE)
    assert after is not None
    assert after.left_out == {"checksum": 7}
    _, last = keep(spent, "cam", letter(), START + 2 * MINUTE)
    assert last is not None
    assert last.left_out == {}


def test_however_late_the_next_is_it_says_how_many_were_not() -> None:
    spent: Quotas = {}
    for _ in range(LETTERS + 7):
        spent, _ = keep(spent, "cam", letter(), START)
    spent, _ = keep(spent, "other", letter(), START + DAY)
    spent, after = keep(spent, "cam", letter(), START + 2 * DAY)
    assert after is not None
    assert after.left_out == {"checksum": 7}


def test_one_source_does_not_spend_anothers() -> None:
    spent: Quotas = {}
    for _ in range(1000):
        spent, _ = keep(spent, "cam", letter(), START)
    assert keep(spent, "other", letter(), START)[1] is not None
    assert keep(spent, "cam", letter(), START)[1] is None, "the control: its own is spent"


def test_what_is_whole_again_is_forgotten() -> None:
    spent: Quotas = {}
    for number in range(100):
        spent, _ = keep(spent, f"cam-{number}", letter(), START)
    assert len(spent) == 100
    spent, _ = keep(spent, "cam-0", letter(), START + MINUTE + SECOND)
    assert list(spent) == ["cam-0"]


def test_event_time_that_is_set_back_locks_nobody_out() -> None:
    spent: Quotas = {}
    for _ in range(1000):
        spent, _ = keep(spent, "cam", letter(size=2**21), START + 40 * DAY)
    for now in (START, START + 6 * HOUR):
        spent, found = keep(spent, "cam", letter(), now)
    assert found is not None


# --- as a partition keeps them ------------------------------------------------------------------


class Refusing:
    """A stage that refuses frames, and of packs a remnant, as the stage for sensors does."""

    name = "refusing"
    reads = FRAMES
    state_type = Control
    blocking = False
    prepare = None

    def step(self, state: Mapping[str, Any], event: Any, at: Position) -> Result:
        control = state.get(KEY, Control())
        match event:
            case Tick():
                return Result({KEY: tick(control, event)})
            case ControlChange():
                return Result({KEY: change(control, event)})
            case Frame():
                raise BadMessage("not_a_picture", event.camera)
            case Readings():
                made = dead_letter(BadMessage("absurd_time"), at, control.tick, *encode(event))
                letters = (Output(DEAD_LETTERS, made, partition=SAME_PARTITION),) * 2
                return Result({}, letters, {"dead_lettered": 2})
        raise AssertionError(event)


class Town:
    """One partition with two cameras and two loops of one gateway."""

    def __init__(self) -> None:
        self.partition = Partition(Refusing(), 0, 1)
        self.letters: list[DeadLetter] = []
        self.sent: list[Outgoing] = []
        cities = [camera("cam-1"), camera("cam-2"), loop("a"), loop("b")]
        for number, source in enumerate(cities, 1):
            self.feed(ControlChange(number, START, source))
        self.feed(Tick(START))

    def feed(self, event: Event, account: str = "city") -> "Town":
        headers, value = encode(event)
        sent: Headers = [*headers, ("ce_account", account.encode())]
        offset = self.partition.next_offset
        outcome = self.partition.take(offset, event, None, lambda: (sent, value))
        self.partition.apply(offset, None, outcome)
        self.sent += outcome.outputs
        self.letters += [one.event for one in outcome.outputs if isinstance(one.event, DeadLetter)]
        return self

    def reload(self) -> None:
        stage, data = self.partition.stage, self.partition.encode()
        self.partition = Partition.decode(stage, 0, 1, data)


def frame(source: str, number: int) -> Frame:
    return new_frame(source, START + number, number, "live", b"x" * 40_000)


def test_a_camera_that_sends_garbage_leaves_the_others_letters_alone() -> None:
    town = Town()
    for number in range(1000):
        town.feed(frame("cam-1", number))
    few = len(town.letters)
    assert few <= LETTERS
    town.feed(frame("cam-2", 1))
    assert [one.sources for one in town.letters[few:]] == [("cam-2",)]
    counts = town.partition.counts
    assert counts["dead_lettered"] == 1001, "all are counted"
    assert counts["not kept not_a_picture"] == 1001 - len(town.letters)


def test_names_that_are_made_up_share_one_quota() -> None:
    town = Town()
    for number in range(1000):
        town.feed(frame(f"made-up-{number}", number))
    assert len(town.letters) <= LETTERS
    assert list(town.partition.quotas) == [UNKNOWN]
    known = Town()
    for number in range(1000):
        known.feed(frame(f"cam-{1 + number % 2}", number))
    assert len(known.letters) > len(town.letters), "the control: each known one has its own"


def test_packs_of_several_are_charged_to_their_gateway_as_it_is_configured() -> None:
    town = Town()
    for number in range(100):
        both = [(name, START, 1.0, 2.0, 3.0) for name in ("a", "b")]
        town.feed(pack(both, number, gateway=f"made-up-{number}"))
        town.feed(pack(both[:1], number))
    assert sorted(town.partition.quotas) == ["a", "gateway gw-1"]
    assert len(town.letters) == 2 * LETTERS


def test_what_a_stage_refuses_of_a_pack_is_by_the_account_that_sent_it() -> None:
    town = Town().feed(pack([("a", START, 1.0, 2.0, 3.0)], 1), account="mqtt")
    assert [(one.account, one.gateway) for one in town.letters] == [("mqtt", "gw-1")] * 2


def test_marks_have_no_gap_where_letters_are_left_out() -> None:
    town = Town()
    for number in range(LETTERS):
        town.feed(pack([("a", START, 1.0, 2.0, 3.0)], number))
    assert {one.mark.index for one in town.sent} == {0, 1}


@pytest.mark.parametrize("kept", [True, False], ids=["stored", "control"])
def test_the_same_letters_are_kept_whoever_goes_on(kept: bool) -> None:
    """Without what is spent in the stored state, another worker would keep others."""

    def play(restarts: bool) -> list[bytes]:
        town = Town()
        for number in range(300):
            town.feed(frame("cam-1", number))
            town.feed(Tick(START + number * SECOND))
            if restarts and number % 7 == 0:
                town.reload()
                if not kept:
                    town.partition.quotas = {}
        return [msgspec.msgpack.encode(one) for one in town.letters]

    assert (play(True) == play(False)) is kept


def test_counts_say_since_when() -> None:
    town = Town()
    assert town.partition.since == START
    town.feed(Tick(START + SECOND))
    town.reload()
    assert town.partition.since == START
    fresh = Partition(Refusing(), 0, 1)
    assert Partition.decode(Refusing(), 0, 1, fresh.encode()).since is None
    fields = msgspec.msgpack.decode(town.partition.encode())
    earlier = msgspec.msgpack.encode(fields[:5])
    town.partition = Partition.decode(Refusing(), 0, 1, earlier)
    assert town.feed(Tick(START + MINUTE)).partition.since == 0, "where they begin is not known"
