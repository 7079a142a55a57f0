"""An outage and a flood with grouping and indicators: one digest live, replayed and offline.

``tests/unit/test_evening.py`` says what is in it.
"""

import os
from collections.abc import Iterator

import msgspec
import pytest

from streams.events import SECOND, Incident, Indicated, to_rfc3339
from streams.recordings import canonical, outcome, path, rerun
from streams.recordings.folder import Recording
from streams.recordings.namespace import Workers
from streams.runtime.partition import Outgoing
from streams.settings import Settings
from streams.topics import CORRELATED
from tests.e2e.test_recordings import Town, publish
from tests.support import evening, town
from tests.support.logs import read_log

STEPS = path.steps("interpret")
PARTITIONS = 2
END = evening.START + evening.SECONDS * SECOND

pytestmark = pytest.mark.slow


class Noting(rerun.Rerun):
    """Keeps what is said of indicators, which leaves by the same topic."""

    def __init__(self, partitions: int) -> None:
        super().__init__(town.partitions(partitions))
        self.indicated: list[Indicated] = []

    def _go_on(self, out: Outgoing) -> Iterator[Incident]:
        if out.topic == CORRELATED and isinstance(out.event, Indicated):
            self.indicated.append(out.event)
        return super()._go_on(out)


@pytest.fixture(scope="module")
def lived(kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    from streams.kafka.broker import create_topics, delete_topics

    base = tmp_path_factory.mktemp("evening")
    settings = Settings(
        state_dir=base / "state",
        kafka_bootstrap=kafka_bootstrap,
        namespace=f"evening{os.getpid()}",
        partitions=PARTITIONS,
    )
    create_topics(settings)
    with Workers(settings, STEPS, 2):
        told = town.messages(evening.events(), PARTITIONS)
        publish(settings, told, evening.AFTER - 100 * SECOND)
        outcome.settle(settings, STEPS)  # so that there are checkpoints before the recording
        publish(settings, told, END)
        lived = Town(settings, base / "recording")
        text = [to_rfc3339(evening.AFTER), to_rfc3339(evening.UNTIL)]
        lived.cityops("record", "-o", str(lived.folder), "--from", text[0], "--to", text[1])
        outcome.settle(settings, STEPS)
    yield lived
    delete_topics(settings)


def in_memory(partitions: int) -> tuple[list[bytes], set[tuple[object, ...]]]:
    run, found = Noting(partitions), []
    for cut in town.slices(evening.events(), partitions):
        found += run.feed(cut)
    return canonical.log(found, evening.AFTER, evening.UNTIL), _said(run.indicated)


def _said(indicated: list[Indicated]) -> set[tuple[object, ...]]:
    """All but the origin, which a replay has of its own."""
    return {
        msgspec.structs.astuple(msgspec.structs.replace(one, origin="live")) for one in indicated
    }


def test_live_is_what_a_run_without_kafka_decides(lived: Town) -> None:
    lines, _ = in_memory(5)
    assert lines == Recording(lived.folder).incidents()
    assert {"no_data", "not_in_service", "off_target", "unlike_peers"} <= set(lived.index.kinds)


def test_the_numbers_of_indicators_are_the_same_too(lived: Town) -> None:
    live = [each.event for each in read_log(lived.settings, CORRELATED)]
    said = _said([each for each in live if isinstance(each, Indicated)])
    assert len(said) > 20
    assert said == in_memory(3)[1]


@pytest.mark.parametrize(
    "how", [("--offline",), ("--speed", "max", "--workers", "2")], ids=" ".join
)
@pytest.mark.timeout(400)
def test_each_replay_has_the_digest_of_the_live_run(lived: Town, how: tuple[str, ...]) -> None:
    run = lived.replay("--name", "again", *how)
    assert run["digest"] == lived.index.digest
    assert run["same_as_live"]
    assert run["kinds"] == lived.index.kinds


def test_control_without_groups_it_is_another_digest(lived: Town) -> None:
    cuts = town.slices(evening.events(groups=False), PARTITIONS)
    run = rerun.Rerun(town.partitions(PARTITIONS))
    found = (one for cut in cuts for one in run.feed(cut))
    lines = canonical.log(found, evening.AFTER, evening.UNTIL)
    assert lines != Recording(lived.folder).incidents()
