"""Status counts every message that could not be used, since when it says."""

from streams.events import Heartbeat
from streams.kafka.dead_lettered import DeadLettered, dead_lettered


def beat(counts: dict[str, int], since: int = 0) -> Heartbeat:
    return Heartbeat("part", "1", 1, 0, True, "", 0, counts, {}, since)


def test_all_are_counted_kept_or_not_wherever_they_were_refused() -> None:
    worker = {
        "frames.dead_lettered": 50,
        "frames.not kept checksum": 40,
        "frames.unsigned": 3,
        "frames.not_allowed": 1,
    }
    beats = [
        beat({**worker, "readings.dead_lettered": 4, "readings.unsigned": 4}, 300),
        beat({"dead_lettered": 2, "readings": 9}, 200),
        beat({"oversized": 3, "not kept oversized": 1}, 400),
    ]
    found = dead_lettered(beats)
    assert found == DeadLettered(
        59, {"checksum": 40, "oversized": 1}, {"not_allowed": 1, "unsigned": 7}, 200
    )
    assert found.number == dead_lettered(beats[:1]).number + 5, "the control: all parts count"


def test_what_began_in_an_earlier_release_has_no_beginning() -> None:
    new, old = beat({"dead_lettered": 1}, 500), beat({"dead_lettered": 1})
    says_nothing = beat({})
    assert dead_lettered([new, says_nothing]).since == 500
    assert dead_lettered([new, old]).since is None
    assert dead_lettered([]) == DeadLettered(0, {}, {}, None)
