"""A street on which little happens, drawn and compressed, gated and ungated."""

import cv2
import numpy as np
import pytest

from simulators.cameras import Renderer
from streams.events import (
    SECOND,
    Change,
    ControlChange,
    Detections,
    Incident,
    Place,
    Rule,
    Source,
    Tick,
    Zone,
    new_frame,
)
from streams.pipeline import PATH
from streams.runtime.offline import Offline
from streams.settings import Settings
from streams.topics import DETECTIONS, FRAMES, INCIDENTS
from tests.support.quiet import HOUR, SEED, camera, car
from tests.support.watchman import FRAME, START, WHOLE


def film(noise: float, quality: int) -> list[bytes]:
    """Twenty seconds at five pictures a second; it begins and ends with an empty street."""
    renderer, rng = Renderer(camera(), SEED), np.random.default_rng(SEED)
    pictures = []
    for number in range(100):
        drawn = renderer.render(car(number / 5 - 1), number, HOUR)
        seen = np.clip(np.rint(drawn + rng.normal(0, noise, drawn.shape)), 0, 255).astype(np.uint8)
        quality_of = (cv2.IMWRITE_JPEG_QUALITY, quality)
        pictures.append(cv2.imencode(".jpg", seen, quality_of)[1].tobytes())
    return pictures


def run(pictures: list[bytes], *, gated: bool) -> tuple[list[Incident], list[Detections]]:
    settings = Settings(partitions=1)
    stages = [step.build(settings) for step in PATH if step.stage in ("detect", "interpret")]
    offline = Offline(stages, 1)
    source = Source("cam", "camera", "c", "c", "simulated", Place(None, None), gated=gated)
    changes: tuple[Change, ...] = (
        source,
        Zone("whole", "cam", "Vùng", "Zone", WHOLE),
        Rule("stops", "stopped_vehicle", "low", parameters={"dwell_seconds": 5.0}),
        Rule("comes", "intrusion", "low", classes=("car",)),
    )
    for sequence, change in enumerate(changes, 1):
        offline.publish_everywhere(ControlChange(sequence, START, change))
    offline.publish_everywhere(Tick(START))
    for number, jpeg in enumerate(pictures, 1):
        time = START + number * FRAME
        offline.publish(FRAMES, new_frame("cam", time, number, "simulated", jpeg), "cam")
        if number % 5 == 0:
            offline.publish_everywhere(Tick(time))
    offline.drain()
    seen = [each for each in offline.events(DETECTIONS) if isinstance(each, Detections)]
    said = [each for each in offline.events(INCIDENTS) if isinstance(each, Incident)]
    return sorted((one for one in said if not one.revision), key=lambda one: one.kind), seen


@pytest.mark.parametrize(
    ("noise", "quality"), [(0.0, 80), pytest.param(6.0, 40, marks=pytest.mark.slow)]
)
def test_what_happens_on_a_quiet_street_is_found_with_far_fewer_looks(
    noise: float, quality: int
) -> None:
    pictures = film(noise, quality)
    (whole, looked), (found, seen) = (run(pictures, gated=on) for on in (False, True))
    assert [one.kind for one in whole] == ["intrusion", "stopped_vehicle"]
    assert [(one.kind, one.zone, one.subject) for one in found] == [
        (one.kind, one.zone, one.subject) for one in whole
    ]
    for one, other in zip(whole, found, strict=True):
        assert abs(one.start - other.start) <= SECOND
        assert abs(one.decided_at - other.decided_at) <= SECOND
        (box,) = other.evidence[0].boxes
        assert box.label == "car"
    assert not any(each.as_of for each in looked)
    assert sum(each.as_of > 0 for each in seen) >= 35
