"""Workers that come back wait for who reads what they send, on a real broker."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from streams.events import Readings
from streams.kafka import partition_logs
from streams.kafka.heartbeat import Beat, HeartbeatFollower
from streams.kafka.partition_logs import Log, measure
from streams.kafka.publisher import Publisher
from streams.settings import Settings
from streams.topics import READINGS, SCORED, partition_of
from tests.support.copying import READER, least
from tests.support.fleet import Fleet
from tests.support.nursery import Nursery
from tests.support.waiting import eventually

PACK_BYTES, PACKS = 2**19, 40
"""Two and a half times what the broker keeps at least, 8 MiB."""
GATEWAY = "gateway-1"


@pytest.fixture
def fleet(settings: Settings, tmp_path: Path, nursery: Nursery) -> Iterator[Fleet]:
    with Fleet(settings, tmp_path, nursery) as fleet:
        yield fleet


@pytest.fixture(autouse=True)
def backlog(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition_logs, "limits", least)
    with closing(Publisher(settings, "test")) as publisher:
        for number in range(1, PACKS + 1):
            row = bytes(PACK_BYTES)
            pack = Readings(GATEWAY, number, number, "simulated", (), (), b"", b"", row)
            publisher.publish(READINGS, pack, GATEWAY)


def sent(settings: Settings) -> Log:
    return measure(settings, [SCORED])[SCORED, partition_of(GATEWAY, settings.partitions)]


def test_what_a_worker_catches_up_with_pushes_out_nothing_that_is_unread(
    settings: Settings, fleet: Fleet
) -> None:
    fleet.start("copying-1", "-m", "tests.support.copying", "waits")
    place = f"{SCORED}/{partition_of(GATEWAY, settings.partitions)}"
    with closing(HeartbeatFollower(settings)) as heard, closing(Beat(settings, READER)) as reader:

        def waits() -> str:
            beat = heard.latest().get("copying-1")
            return beat.detail if beat and beat.ok else ""

        eventually(lambda: waits().startswith(f"waits: {READER} has not read {SCORED}"))
        log = sent(settings)
        assert 0 < log.size <= log.kept_bytes
        assert log.end < PACKS

        def read(messages: int) -> bool:
            reader.beat(next_offsets={place: messages})
            return sent(settings).end > log.end

        eventually(lambda: read(log.end))
        again = sent(settings)
        assert again.size - log.size <= again.kept_bytes, "no more than one time what is kept"

        def all_read() -> bool:
            read(sent(settings).end)
            return sent(settings).end == PACKS

        eventually(all_read)
        eventually(lambda: waits() == "")
    assert fleet.processes["copying-1"].poll() is None


def test_control_who_waits_for_nobody_sends_more_than_is_kept(
    settings: Settings, fleet: Fleet
) -> None:
    fleet.start("copying-1", "-m", "tests.support.copying", "runs")
    eventually(lambda: sent(settings).end == PACKS)
    log = sent(settings)
    assert log.size > log.kept_bytes
