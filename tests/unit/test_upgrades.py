"""Stored states of other versions: earlier ones are upgraded, later ones refused by one line."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from streams.events import Tick
from streams.feeds.shares import Share
from streams.recordings.files import RecordingError
from streams.recordings.folder import State
from streams.recordings.rerun import begin
from streams.runtime.partition import Partition, SnapshotError, next_offset_of
from streams.runtime.upgrades import UPGRADES
from streams.stage import Position, Result


class Count(msgspec.Struct, frozen=True, array_like=True):
    unit: str
    ticks: int


class Counting:
    """A stage that stores one state, in its third version."""

    name = "counting"
    reads = "frames"
    state_type = Count
    blocking = False
    prepare = None

    def step(self, state: Mapping[str, Any], event: Any, at: Position) -> Result:
        return Result({"all": Count("ticks", state.get("all", Count("", 0)).ticks + 1)})


def wrap(states: dict[str, Any], _: Share) -> dict[str, Any]:
    """1 to 2: a number becomes an array."""
    return {key: [number] for key, number in states.items()}


def name(states: dict[str, Any], _: Share) -> dict[str, Any]:
    """2 to 3: with its unit before it, under another key."""
    return {"all": ["ticks", *states["old"]]}


@pytest.fixture(autouse=True)
def chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(UPGRADES, ("counting", 1), wrap)
    monkeypatch.setitem(UPGRADES, ("counting", 2), name)


def stored(states: dict[str, Any], *version: int) -> bytes:
    return msgspec.msgpack.encode([9, [], {"accepted": 2}, states, *version])


@pytest.mark.parametrize(
    "data",
    [stored({"old": 41}), stored({"old": 41}, 1), stored({"old": [41]}, 2)],
    ids=["without a version", "1", "2"],
)
def test_what_an_earlier_release_stored_is_read(data: bytes) -> None:
    part = Partition.decode(Counting(), 0, 1, data)
    assert part.states == {"all": Count("ticks", 41)}
    assert (part.next_offset, part.counts["accepted"]) == (9, 2)
    outcome = part.take(9, Tick(1), None, lambda: ([], b""))
    part.apply(9, None, outcome)
    again = part.encode()
    assert msgspec.msgpack.decode(again)[4] == 3
    assert Partition.decode(Counting(), 0, 1, again).states == {"all": Count("ticks", 42)}


@pytest.mark.parametrize("version", [4, 0, -1])
def test_what_a_later_release_stored_is_refused_by_one_line(version: int) -> None:
    data = stored({"all": ["ticks", 41]}, version)
    assert next_offset_of(data) == 9
    with pytest.raises(SnapshotError, match=rf"counting.* version {version}, .*up to 3") as raised:
        Partition.decode(Counting(), 0, 1, data)
    assert "\n" not in str(raised.value)
    states = [State("counting", "frames", 0, data)]
    with pytest.raises(RecordingError, match=f"version {version}"):
        begin([Counting()], 1, states, ["frames"])


@pytest.mark.parametrize(
    "data",
    [b"", b"\xc1", stored({"all": 41}, 3), stored({"all": 41}, 3)[:-3], stored({"old": "x"}, 2)],
)
def test_what_cannot_be_read_is_refused_too(data: bytes) -> None:
    with pytest.raises(SnapshotError, match="counting"):
        Partition.decode(Counting(), 0, 1, data)


def test_an_offset_that_cannot_be_read_is_refused() -> None:
    for data in (b"", b"\xc1", msgspec.msgpack.encode("x")):
        with pytest.raises(SnapshotError):
            next_offset_of(data)
