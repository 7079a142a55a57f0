"""What a simulated gateway keeps while its readings are refused."""

import pytest

from simulators import backlog
from simulators.backlog import AT_ONCE, Backlog
from streams.events import Readings


def pack(gateway: str, number: int) -> Readings:
    return Readings(gateway, number, number, "simulated", (), (), b"", b"", b"")


class Town:
    def __init__(self) -> None:
        self.refused: set[str] = set()
        self.sent: list[tuple[str, int]] = []
        self.lost: list[tuple[str, int]] = []
        self.backlog = Backlog(
            lambda gateway: gateway in self.refused,
            lambda sent: self.sent.append((sent.gateway, sent.sequence)),
            lambda lost: self.lost.append((lost.gateway, lost.sequence)),
        )


def test_packs_are_kept_and_sent_afterwards_in_order_each_once() -> None:
    town = Town()
    town.backlog.send(pack("a", 1))
    town.refused = {"a"}
    for number in range(2, 12):
        town.backlog.send(pack("a", number))
        town.backlog.send(pack("b", number))
        town.backlog.step()
    assert town.sent == [("a", 1), *(("b", number) for number in range(2, 12))]
    assert (town.backlog.held, town.backlog.dropped) == (10, 0)
    town.refused = set()
    town.backlog.send(pack("a", 12))
    town.backlog.step()
    ours = [number for gateway, number in town.sent if gateway == "a"]
    assert ours == [1, *range(2, 2 + AT_ONCE)], "not all at once, and nothing overtakes"
    town.backlog.step()
    town.refused = {"a"}
    town.backlog.step()
    town.refused = set()
    town.backlog.step()
    assert [number for gateway, number in town.sent if gateway == "a"] == list(range(1, 13))
    assert (town.backlog.held, town.backlog.dropped) == (0, 0)
    town.backlog.send(pack("a", 13))
    assert town.sent[-1] == ("a", 13)


def test_what_finds_no_room_is_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "MOST", 3)
    town = Town()
    town.refused = {"a", "b"}
    for number in range(1, 3):
        town.backlog.send(pack("a", number))
        town.backlog.send(pack("b", number))
    assert (town.backlog.held, town.backlog.dropped) == (3, 1)
    assert town.lost == [("b", 2)]
    town.refused = set()
    town.backlog.step()
    assert sorted(town.sent) == [("a", 1), ("a", 2), ("b", 1)]
