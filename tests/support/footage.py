"""Real footage that lies beside the repository, through detect, interpret and correlate offline."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from services.gateway.capture import Capture, to_jpeg
from streams.events import (
    SECOND,
    ControlChange,
    Incident,
    Micros,
    Place,
    Rule,
    Source,
    Tick,
    Zone,
    new_frame,
)
from streams.models import for_footage, registry
from streams.pipeline import PATH
from streams.runtime.offline import Offline
from streams.settings import Settings
from streams.topics import CORRELATED, FRAMES
from tests.support.reach import EVERYWHERE

DATA = Path("../shared/data").resolve()
START: Micros = 1_800_000_000 * SECOND
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
ZONE = "zone"


def needed(name: str) -> Path:
    """The clip; skips the test where it, or the detector of footage, is not there."""
    clip = DATA / "video" / name
    settings = Settings(data_dir=DATA)
    if not clip.is_file() or not for_footage(registry(settings)):
        pytest.skip(f"no {clip}, or no detector for it")
    return clip


def rule(kind: str, **parameters: float) -> Rule:
    """Of the zone."""
    return Rule(kind, kind, "high", zones=(ZONE,), parameters=parameters)


def incidents(
    name: str,
    rules: Sequence[Rule],
    fps: float = 5.0,
    zone: tuple[tuple[float, float], ...] = WHOLE,
) -> list[Incident]:
    """What a camera that shows the clip once, with the default detector, is told to have seen."""
    clip, settings = needed(name), Settings(data_dir=DATA)
    stages = [
        step.build(settings)
        for step in PATH
        if step.stage in ("detect", "interpret", "correlate", "explain")
    ]
    offline = Offline(stages, settings.partitions)
    model = for_footage(registry(settings))
    period = round(SECOND / fps)
    camera = Source(
        "camera", "camera", "c", "c", "recorded", Place(0, 0), model=model, period=period
    )
    for number, change in enumerate([camera, Zone(ZONE, "camera", "z", "z", zone), *rules], 1):
        offline.publish_everywhere(ControlChange(number, START, change))
    tick = 0

    def until(seconds: float) -> None:
        nonlocal tick
        while tick + 1 <= seconds:
            tick += 1
            offline.publish_everywhere(Tick(START + tick * SECOND))
            offline.drain()

    capture = Capture(str(clip), EVERYWHERE)
    try:
        for number, picture in enumerate(capture.pictures(fps, lambda _: False), 1):
            until(capture.given)
            time = START + round(capture.given * SECOND) + 1
            frame = new_frame("camera", time, number, "recorded", to_jpeg(picture))
            offline.publish(FRAMES, frame, "camera")
        until(capture.given + 2)
    finally:
        capture.close()
    assert not offline.counts["dead_lettered"], "every picture was looked at"
    return [
        event
        for event in offline.events(CORRELATED)
        if isinstance(event, Incident) and event.revision == 0
    ]
