"""A replay waits for its workers before its topics lose what they have not read."""

import threading
from collections.abc import Mapping
from contextlib import ExitStack, closing

import pytest

from streams.kafka import partition_logs
from streams.kafka.broker import Limits, limits
from streams.kafka.heartbeat import Beat
from streams.kafka.partition_logs import measure
from streams.kafka.unread import EASED
from streams.pipeline import PATH
from streams.recordings import room
from streams.recordings.folder import Slice
from streams.recordings.namespace import Player
from streams.recordings.outcome import UnsettledError
from streams.recordings.room import Room, readers
from streams.settings import Settings
from streams.topics import READINGS, SCORED
from tests.support.waiting import eventually

RECORD_BYTES, NUMBER = 2**18, 60
"""Together almost twice the 8 MiB that the broker keeps at least."""
SCORE = [step for step in PATH if step.stage == "score"]
PIECE = Slice(1, [(READINGS, 0, [], bytes(RECORD_BYTES))] * NUMBER)


@pytest.fixture
def small(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    def least(settings: Settings) -> Mapping[str, Limits]:
        return {
            topic: limit._replace(total_bytes=2**20) for topic, limit in limits(settings).items()
        }

    monkeypatch.setattr(partition_logs, "limits", least)
    return settings


def test_it_knows_who_reads_in_it() -> None:
    assert readers(SCORE, tables=False) == {"score": (READINGS,)}
    assert SCORED in readers(SCORE, tables=True)["writer"]


def test_it_waits_for_its_workers_and_goes_on_when_they_have_read(small: Settings) -> None:
    with ExitStack() as stack:
        held = stack.enter_context(closing(Room(small, readers(SCORE, tables=False))))
        player = stack.enter_context(closing(Player(small, 0, None, held)))
        worker = stack.enter_context(closing(Beat(small, "streams-1")))
        playing = threading.Thread(target=player.play, args=(PIECE,), daemon=True)
        playing.start()
        read, most = 0, 0

        def ended() -> bool:
            nonlocal read, most
            log = measure(small, [READINGS]).get((READINGS, 0))
            if log is None:
                return False  # a broker that is busy has not made its file yet
            most = max(most, log.end - read)
            if not playing.is_alive():
                return True
            if (log.end - read) * RECORD_BYTES >= EASED * log.kept_bytes:
                read = log.end
            worker.beat(next_offsets={f"{READINGS}/0": read})
            return False

        eventually(ended, 60)
        player.flush()
        assert measure(small, [READINGS])[READINGS, 0].end == NUMBER, "all was played"
        kept = measure(small, [READINGS])[READINGS, 0].kept_bytes
        assert 0 < most * RECORD_BYTES <= kept
        assert kept < NUMBER * RECORD_BYTES


def test_the_control_does_not_wait(small: Settings) -> None:
    with closing(Player(small, 0, None)) as player:
        player.play(PIECE)
        player.flush()
        log = measure(small, [READINGS])[READINGS, 0]
        assert log.size > log.kept_bytes


def test_it_does_not_wait_for_ever(small: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PATIENCE_SECONDS", 0.5)
    with ExitStack() as stack:
        held = stack.enter_context(closing(Room(small, readers(SCORE, tables=False))))
        player = stack.enter_context(closing(Player(small, 0, None, held)))
        with pytest.raises(UnsettledError, match="have not read"):
            player.play(PIECE)
