"""A track begins at the model's own threshold, and continues at its lower one, class by class."""

from collections.abc import Iterator

import msgspec
import numpy as np
import pytest

from models.heads.head import PER_ONE
from models.labels import CLASSES
from models.manifest import Manifest
from models.registry import Registry
from models.thresholds import BEGIN, Levels, Thresholds
from streams.cameras import tracking
from streams.cameras.tracking import CONFIRMED, HITS, ID
from streams.events import SECOND


def told() -> Iterator[tuple[Manifest, Thresholds, str]]:
    """Every detector that we know, and each of its classes."""
    for manifest in Registry().catalogue():
        if manifest.task == "detection":
            thresholds = msgspec.convert(manifest.thresholds, Thresholds)
            for name in sorted(set(manifest.classes.values())):
                yield manifest, thresholds, name


CASES = list(told())
by_class = pytest.mark.parametrize(
    ("manifest", "thresholds", "name"), CASES, ids=[f"{m.name}-{name}" for m, _, name in CASES]
)


def own(value: float | dict[str, float], name: str) -> int:
    """The model's own threshold, thousandths."""
    return round((value[name] if isinstance(value, dict) else value) * PER_ONE)


def followed(manifest: Manifest, thresholds: Thresholds, name: str, scores: list[int]) -> list[int]:
    """Ids of what is followed after pictures of one thing, of the network's own scores."""
    levels = Levels(thresholds, CLASSES, manifest.classes, max(manifest.classes) + 1)
    number = CLASSES.index(name)
    tracks = tracking.EMPTY
    box = np.array([[100, 100, 500, 400]], "<i4").tobytes()
    for at, score in enumerate(scores, 1):
        floor = min(
            levels.floors[index] for index, named in manifest.classes.items() if named == name
        )
        shown = score >= floor  # else the head hands nothing over
        classes = np.array([number], np.uint8)
        meant = levels.meant(np.array([score], np.int64), classes).astype("<u2").tobytes()
        seen = (box, classes.tobytes(), meant) if shown else (b"", b"", b"")
        tracks = tracking.follow(tracks, at * SECOND // 5, *seen).tracks
    facts = np.frombuffer(tracks.facts, np.int32).reshape(5, -1)
    assert np.all(facts[HITS] <= len(scores))
    return [int(one) for one in facts[ID][facts[HITS] >= CONFIRMED]]


@by_class
def test_it_begins_at_begin_and_not_a_thousandth_below(
    manifest: Manifest, thresholds: Thresholds, name: str
) -> None:
    begin = own(thresholds.begin, name)
    assert followed(manifest, thresholds, name, [begin] * 3)
    assert not followed(manifest, thresholds, name, [begin - 1] * 20)


@by_class
def test_it_continues_down_to_score_and_not_a_thousandth_below(
    manifest: Manifest, thresholds: Thresholds, name: str
) -> None:
    begin, score = own(thresholds.begin, name), own(thresholds.score, name)
    first = [begin, begin, begin]
    assert followed(manifest, thresholds, name, first + [score] * 60) == [1]
    assert not followed(manifest, thresholds, name, first + [score - 1] * 60)


def test_control_some_models_continue_lower_than_they_begin_and_some_do_not() -> None:
    lower = {m.name for m, t, name in CASES if own(t.score, name) < own(t.begin, name)}
    assert {"person-vehicle-bike-2004", "yolox_nano_street"} <= lower
    assert all(own(t.score, name) <= own(t.begin, name) for _, t, name in CASES)
    assert BEGIN == 500  # what the tracker knows
