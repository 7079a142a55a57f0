"""A stream of which nothing can be decoded is given up, sooner where it could be before."""

from collections.abc import Iterator
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from services.gateway.decoder import __main__ as program
from services.gateway.decoder.__main__ import BLIND_SECONDS, LOST_SECONDS
from services.gateway.decoder.source import Blank, Shot, SourceError
from services.gateway.decoder.timing import Slots
from services.gateway.decoder.wire import Opened

STEP = 0.1


class Stream:
    """So many pictures, then what shows none, without end: each a tenth of a second later."""

    opened = Opened("stream", "mpegts", "h264", 64, 48, 10.0, 0.0)
    comes_early = False

    def __init__(self, pictures: int, blank: Blank, clock: Any) -> None:
        self._pictures, self._blank, self._clock = pictures, blank, clock

    def shots(self) -> Iterator[Shot | Blank]:
        for number in range(10_000):
            self._clock.now += STEP
            shown: Any = None
            seen = number < self._pictures
            yield Shot(shown, number * STEP, damaged=False) if seen else self._blank


def lasted(monkeypatch: pytest.MonkeyPatch, pictures: int, *, lost: bool) -> float:
    """Seconds until it is given up, from its last picture on."""
    clock = SimpleNamespace(now=50.0)
    monkeypatch.setattr(program, "time", SimpleNamespace(monotonic=lambda: clock.now))
    line: Any = SimpleNamespace(
        damaged=0,
        within=lambda _: nullcontext(),
        asked=lambda wait: True,
        show=lambda *_: None,
    )
    stream: Any = Stream(pictures, Blank(lost), clock)
    with pytest.raises(SourceError, match="nothing that comes can be decoded"):
        program._play(line, stream, Slots(5.0), -1.0, 1.0)
    assert bool(line.damaged) == lost
    return float(clock.now - 50.0 - pictures * STEP)


def test_one_that_begins_amid_pictures_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lasted(monkeypatch, 0, lost=False) == pytest.approx(BLIND_SECONDS, abs=2 * STEP)
    assert lasted(monkeypatch, 0, lost=True) == pytest.approx(BLIND_SECONDS, abs=2 * STEP)


def test_one_that_changes_to_another_codec_is_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lasted(monkeypatch, 20, lost=True) == pytest.approx(LOST_SECONDS, abs=2 * STEP)
    assert lasted(monkeypatch, 20, lost=False) == pytest.approx(BLIND_SECONDS, abs=2 * STEP)
