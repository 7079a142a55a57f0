"""What the motion gate changes: each film run gated and ungated, and their incidents compared.

    python -m tests.figures.gating FILM… --ways plain,noise,halts

An incident is the same where its kind, zone and subject are, and its start within a second. A film
is a clip of ``../shared/data/video`` by its name, or ``simulated`` and ``stands``, which are drawn
here. Prints a table, and each difference with ``--differences``.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from models.detector import Detector, Found
from models.loader import load_detector
from services.gateway.capture import Capture, to_jpeg
from simulators.cameras import Renderer
from simulators.dataset import Arranger
from streams.events import (
    SECOND,
    Change,
    ControlChange,
    Detections,
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
from streams.stages.detect import DEFAULT_MODEL, Detect
from streams.topics import CORRELATED, DETECTIONS, FRAMES
from tests.figures.tables import table
from tests.support.footage import DATA, START, WHOLE
from tests.support.quiet import HOUR, SEED, camera, car
from tests.support.reach import EVERYWHERE

FPS = 5.0
FRAME: Micros = round(SECOND / FPS)
Picture = NDArray[np.uint8]
Shown = Iterator[tuple[Micros, bytes]]
"""Since the begin, and a JPEG."""
ZONES = {
    "whole": WHOLE,
    "left": ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)),
    "right": ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)),
}
RULES = (
    Rule("stops", "stopped_vehicle", "low", parameters={"dwell_seconds": 3.0}),
    Rule("comes", "intrusion", "low", parameters={"dwell_seconds": 1.0}),
    Rule("gather", "crowd", "low", parameters={"count": 3.0, "hold_seconds": 2.0}),
)
DRAWN = ("simulated", "stands")


class Remembering:
    """A detector that looks at each picture once, however often it is run."""

    def __init__(self, detector: Detector) -> None:
        self.manifest, self._detector = detector.manifest, detector
        self._found: dict[int, Found] = {}

    def fit(self, image: Picture) -> Any:
        return image

    def find(self, image: Any) -> Found:
        key = hash(image.tobytes())
        if key not in self._found:
            self._found[key] = self._detector.detect(image)
        return self._found[key]


class Run(NamedTuple):
    incidents: list[Incident]
    """As they were announced."""
    frames: int
    gated: int


def run(shown: Iterable[tuple[Micros, bytes]], detector: Remembering, *, gated: bool) -> Run:
    settings = Settings(partitions=1)
    names = ("interpret", "correlate", "explain")
    later = [step.build(settings) for step in PATH if step.stage in names]
    offline = Offline([Detect(lambda _: detector, 1), *later], 1)  # type: ignore[list-item, arg-type, return-value]
    source = Source(
        "camera", "camera", "c", "c", "recorded", Place(0, 0), period=FRAME, gated=gated
    )
    zones = [Zone(name, "camera", name, name, drawn) for name, drawn in ZONES.items()]
    changes: list[Change] = [source, *zones, *RULES]
    for number, change in enumerate(changes, 1):
        offline.publish_everywhere(ControlChange(number, START, change))
    tick = START
    offline.publish_everywhere(Tick(tick))
    for number, (since, jpeg) in enumerate(shown):
        time = START + since + 1
        while tick + SECOND <= time:
            tick += SECOND
            offline.publish_everywhere(Tick(tick))
        offline.publish(FRAMES, new_frame("camera", time, number, "recorded", jpeg), "camera")
        offline.drain()
    offline.publish_everywhere(Tick(tick + 2 * SECOND))
    offline.drain()
    seen = [each for each in offline.events(DETECTIONS) if isinstance(each, Detections)]
    said = [each for each in offline.events(CORRELATED) if isinstance(each, Incident)]
    begun = [each for each in said if not each.revision]
    return Run(begun, len(seen), sum(each.as_of > 0 for each in seen))


class Difference(NamedTuple):
    what: str
    incident: Incident


def compared(ungated: Sequence[Incident], gated: Sequence[Incident]) -> list[Difference]:
    """What only one of them has."""

    def key(one: Incident) -> tuple[str, str, str]:
        return one.kind, one.zone, one.subject

    left, found = list(gated), []
    for one in ungated:
        same = next(
            (
                each
                for each in left
                if key(each) == key(one) and abs(each.start - one.start) <= SECOND
            ),
            None,
        )
        if same:
            left.remove(same)
        else:
            found.append(Difference("only ungated", one))
    return found + [Difference("only gated", each) for each in left]


# --- films --------------------------------------------------------------------------------------


def film(name: str, fps: float = FPS) -> Iterator[Picture]:
    if name in DRAWN:
        yield from _drawn(name, fps)
        return
    capture = Capture(str(DATA / "video" / name), EVERYWHERE)
    try:
        yield from capture.pictures(fps, lambda _: False)
    finally:
        capture.close()


def _drawn(name: str, fps: float) -> Iterator[Picture]:
    """``stands``: a car comes, stands and goes; ``simulated``: a street with traffic on it."""
    renderer = Renderer(camera(), SEED)
    things = Arranger(camera(), np.random.default_rng(SEED)).scene()
    for number in range(round(40 * fps)):
        second = number / fps
        if name == "stands":
            shown = car(second - 1)
        else:
            shown = []
            for each in things:
                if each.speed and second % 20 < 12:  # then all of it stands still
                    way = np.cos(each.heading) * min(each.speed, 4.0) * second
                    each = each._replace(u=4 + (each.u + way - 4) % 90)  # noqa: PLW2901
                shown.append(each)
        yield renderer.render(shown, number, HOUR)


def even(pictures: Iterable[Picture], quality: int = 0) -> Shown:
    for number, picture in enumerate(pictures):
        jpeg = to_jpeg(picture)
        if quality:
            how = (cv2.IMWRITE_JPEG_QUALITY, quality)
            jpeg = bytes(cv2.imencode(".jpg", picture, how)[1])
        yield number * FRAME, jpeg


def noisy(pictures: Iterable[Picture], deviation: float = 8.0) -> Iterator[Picture]:
    random = np.random.default_rng(1)
    for picture in pictures:
        drawn = picture + random.normal(0, deviation, picture.shape)
        yield np.clip(np.rint(drawn), 0, 255).astype(np.uint8)


def drifting(pictures: Iterable[Picture], by: float = 6.0) -> Iterator[Picture]:
    """Its brightness rises and falls in twenty seconds."""
    for number, picture in enumerate(pictures):
        more = by * np.sin(2 * np.pi * number / FPS / 20)
        yield np.clip(np.rint(picture + more), 0, 255).astype(np.uint8)


def halting(pictures: Iterable[Picture]) -> Iterator[Picture]:
    """After two seconds it stands still for three."""
    for number, picture in enumerate(pictures):
        yield picture
        if number % 10 == 9:
            for _ in range(15):
                yield picture


WAYS: dict[str, Callable[[str], Shown]] = {
    "plain": lambda name: even(film(name)),
    "noise of 8": lambda name: even(noisy(film(name))),
    "JPEG 90": lambda name: even(film(name), 90),
    "JPEG 70": lambda name: even(film(name), 70),
    "JPEG 50": lambda name: even(film(name), 50),
    "JPEG 30": lambda name: even(film(name), 30),
    "brightness ±6": lambda name: even(drifting(film(name))),
    "halts 3 of 5 s": lambda name: even(halting(film(name))),
    # At 5 pictures a second a film of 25 goes by five times slower than it is.
    "every picture": lambda name: even(film(name, 8 * FPS)),
}


def clips() -> list[str]:
    """Those that a camera may be."""
    left_out = (".md", ".gif")
    return sorted(f.name for f in (DATA / "video").glob("*.*") if f.suffix not in left_out)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.figures.gating",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("films", nargs="*", help="all, if not given")
    parser.add_argument("--ways", default=",".join(WAYS), help=f"of: {', '.join(WAYS)}")
    parser.add_argument("--differences", action="store_true", help="print each")
    arguments = parser.parse_args()
    ways = arguments.ways.split(",")
    settings = Settings(data_dir=DATA)
    known = registry(settings)
    detectors = {
        True: Remembering(load_detector(known, DEFAULT_MODEL)),
        False: Remembering(load_detector(known, for_footage(known) or DEFAULT_MODEL)),
    }
    sums: dict[str, Counter[str]] = {}
    for way in ways:
        sums[way] = Counter()
        for name in arguments.films or [*DRAWN, *clips()]:
            shown = list(WAYS[way](name))
            detector = detectors[name in DRAWN]
            whole, found = (run(shown, detector, gated=on) for on in (False, True))
            differ = compared(whole.incidents, found.incidents)
            sums[way].update(
                frames=found.frames,
                gated=found.gated,
                ungated_incidents=len(whole.incidents),
                gated_incidents=len(found.incidents),
                differ=len(differ),
            )
            share = found.gated / max(found.frames, 1)
            print(
                f"{way:16} {name:30} {found.frames:5} {share:6.1%}"
                f" {len(whole.incidents):3} {len(found.incidents):3} differ {len(differ)}",
                file=sys.stderr,
                flush=True,
            )
            for each in differ if arguments.differences else ():
                one = msgspec.structs.replace(each.incident, evidence=())
                since = (one.start - START) / SECOND, (one.decided_at - START) / SECOND
                print(
                    f"  {each.what}: {one.kind} {one.zone} {one.subject} {since}", file=sys.stderr
                )
    print(_table(sums))
    return 0


def _table(sums: dict[str, Counter[str]]) -> str:
    rows = [
        (
            way,
            f"{each['gated'] / max(each['frames'], 1):.0%} of {each['frames']:,}",
            f"{each['ungated_incidents']} / {each['gated_incidents']}",
            each["differ"],
        )
        for way, each in sums.items()
    ]
    return table(("films", "not looked at", "incidents without / with", ">differences"), rows)


if __name__ == "__main__":
    sys.exit(main())
