"""How far event time has come, for who begins a recording: as the stages would say."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from streams.events import DAY, SECOND, Tick
from streams.kafka.publisher import Publisher
from streams.recordings import capture
from streams.settings import Settings
from streams.topics import FRAMES

NOW = 1_800_000_000 * SECOND


@contextmanager
def ticking(settings: Settings, *, foreign: bool) -> Iterator[None]:
    """The publisher's ticks; before each of them one of somebody else, far ahead."""
    publisher, over = Publisher(settings, "test"), threading.Event()

    def run() -> None:
        second = 0
        while not over.wait(0.1):
            second += 1
            if foreign:
                publisher.publish_everywhere(FRAMES, Tick(NOW + 40 * DAY + second * SECOND))
            publisher.publish_everywhere(FRAMES, Tick(NOW + second * SECOND))

    publisher.publish_everywhere(FRAMES, Tick(NOW, resumes=True))
    publisher.flush()
    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        publisher.close()


@pytest.mark.parametrize("foreign", [False, True])
def test_a_tick_that_the_stages_refuse_is_not_the_next(settings: Settings, foreign: bool) -> None:
    with ticking(settings, foreign=foreign):
        first = capture.next_tick(settings)
        assert NOW < first < NOW + DAY
        assert first < capture.next_tick(settings) < NOW + DAY


def test_where_none_comes_it_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "PATIENCE_SECONDS", 1.0)
    with pytest.raises(capture.NoTicksError, match="does not advance"):
        capture.next_tick(settings)
