"""The incident that the machine's clock is wrong: announced once, ended once."""

from pathlib import Path
from typing import Any

from services.gateway.clockwatch import ClockWatch
from streams.events import DAY, SECOND, Incident, Mark
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


def test_another_step_later_is_another_incident(tmp_path: Path) -> None:
    sent = Sent()
    one = watch(tmp_path, sent)
    for second, ahead in enumerate((DAY, 0, -DAY, 0)):
        one.see(NOW + second * SECOND, ahead)
    assert [each.revision for each in sent.incidents] == [0, 1, 0, 1]
    assert len({each.id for each in sent.incidents}) == 2
    assert sent.incidents[2].subject == "1 d behind"
