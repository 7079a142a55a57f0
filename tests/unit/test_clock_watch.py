"""The incident that the machine's clock is wrong: announced once, ended once."""

from pathlib import Path
from typing import Any

import msgspec

from services.gateway.clockwatch import ClockWatch
from streams.clock import Undone
from streams.events import DAY, SECOND, Incident, Mark
from streams.kinds.registry import clock_wrong
from streams.settings import Settings
from streams.topics import CORRELATED

NOW = 1_800_000_000 * SECOND


class Sent:
    """A publisher that remembers."""

    def __init__(self) -> None:
        self.incidents: list[Incident] = []
        self.marks: list[Mark] = []

    def publish_to(self, topic: str, _partition: int, event: Any, mark: Mark, _key: str) -> None:
        assert topic == CORRELATED
        self.incidents.append(event)
        self.marks.append(mark)


def watch(folder: Path, sent: Sent) -> ClockWatch:
    return ClockWatch(Settings(state_dir=folder), sent)  # type: ignore[arg-type]


def test_it_is_announced_once_and_ended_once_also_after_a_restart(tmp_path: Path) -> None:
    sent = Sent()
    first = watch(tmp_path, sent)
    first.see(NOW, 0)
    first.see(NOW + SECOND, 40 * DAY)
    first.see(NOW + 2 * SECOND, 40 * DAY)
    again = watch(tmp_path, sent)
    again.see(NOW + 3 * SECOND, 40 * DAY)
    again.see(NOW + 4 * SECOND, 0)
    again.see(NOW + 5 * SECOND, 0)
    watch(tmp_path, sent).see(NOW + 6 * SECOND, 0)
    raised, ended = sent.incidents
    assert (raised.kind, raised.subject, raised.end) == ("system_clock", "40 d ahead", None)
    assert (ended.id, ended.revision, ended.end) == (raised.id, 1, NOW + 4 * SECOND)
    assert sent.marks[0].offset < sent.marks[1].offset


def test_a_stretch_that_was_undone_is_told_of_once_also_after_a_restart(tmp_path: Path) -> None:
    sent = Sent()
    first = watch(tmp_path, sent)
    ahead = NOW + 40 * DAY
    first.see(ahead, -40 * DAY)
    undone = Undone(ahead - DAY, ahead)
    first.see(NOW, 0, undone)
    watch(tmp_path, sent).see(NOW + SECOND, 0, undone)
    raised, told, ended = sent.incidents
    assert (told.kind, told.start, told.end) == ("system_clock", ahead - DAY, ahead)
    assert (ended.id, ended.revision, ended.end) == (raised.id, 1, raised.start)
    watch(tmp_path, sent).see(NOW + 2 * SECOND, DAY, undone)
    # What is sent after time went back is no repetition of what was sent before.
    numbers = [mark.offset for mark in sent.marks]
    assert numbers == sorted(set(numbers))


def test_what_an_earlier_release_has_opened_is_ended(tmp_path: Path) -> None:
    sent = Sent()
    path = tmp_path / "stamps" / "live-gateway-clock.msgpack"
    path.parent.mkdir()
    path.write_bytes(msgspec.msgpack.encode(clock_wrong("gateway", DAY, NOW)))
    watch(tmp_path, sent).see(NOW + SECOND, 0)
    assert [each.revision for each in sent.incidents] == [1]


def test_another_step_later_is_another_incident(tmp_path: Path) -> None:
    sent = Sent()
    one = watch(tmp_path, sent)
    for second, ahead in enumerate((DAY, 0, -DAY, 0)):
        one.see(NOW + second * SECOND, ahead)
    assert [each.revision for each in sent.incidents] == [0, 1, 0, 1]
    assert len({each.id for each in sent.incidents}) == 2
    assert sent.incidents[2].subject == "1 d behind"


def test_an_incident_of_the_clock_does_not_last_over_what_event_time_has_jumped(
    tmp_path: Path,
) -> None:
    sent = Sent()
    first = watch(tmp_path, sent)
    first.see(NOW, 40 * DAY)
    first.see(NOW + 10 * SECOND, 40 * DAY)
    ahead = NOW + 40 * DAY
    first.see(ahead, 0)  # accepted
    first.see(ahead + 10 * SECOND, -40 * DAY)
    first.see(ahead + 20 * SECOND, -40 * DAY)
    undone = Undone(ahead - SECOND, ahead + 20 * SECOND)
    first.see(NOW + 40 * SECOND, 0, undone)  # and undone
    ended = [one for one in sent.incidents if one.revision]
    assert [(one.start, one.end) for one in ended] == [
        (NOW, NOW + 10 * SECOND),
        (ahead + 10 * SECOND, ahead + 20 * SECOND),
    ]
    assert all(
        one.end is not None and one.end <= one.decided_at for one in sent.incidents[1:] if one.end
    )


def test_one_that_is_ended_by_another_process_ends_with_the_stretch_too(tmp_path: Path) -> None:
    sent = Sent()
    ahead = NOW + 40 * DAY
    watch(tmp_path, sent).see(ahead, -40 * DAY)
    undone = Undone(ahead - SECOND, ahead + 20 * SECOND)
    watch(tmp_path, sent).see(NOW + 40 * SECOND, 0, undone)
    *_, ended = sent.incidents
    assert (ended.start, ended.end, ended.decided_at) == (ahead, undone.until, undone.until)
