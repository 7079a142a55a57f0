"""The path of an event, in order: topic, stage, topics. Read this first.

    frames ──► detect ──► detections ──► interpret ──► incidents ──► correlate ──► grouped
    readings ──► score ──► scored, incidents ─────────────┘                           │
                                                      correlated ◄── explain ◄────────┘

Cameras and sensors publish to ``frames`` and ``readings``, where the gateway also writes every
control event (ticks, zones, rules, sources, models) into every partition; ``detect`` passes them
on to ``detections``, and ``score`` to ``explain`` what assets depend on. Writers store
``detections``, ``counts``, ``scored`` and ``correlated``; the alerts service reads ``correlated``.
What cannot be used goes to ``dead-letters``.
"""

from collections.abc import Callable
from typing import NamedTuple

from streams.settings import Settings
from streams.stage import Stage
from streams.topics import (
    CORRELATED,
    COUNTS,
    DETECTIONS,
    FRAMES,
    GROUPED,
    INCIDENTS,
    READINGS,
    SCORED,
)


class Step(NamedTuple):
    """One stage of the path, and the group of worker processes that runs it."""

    stage: str
    reads: str
    writes: tuple[str, ...]
    workers: str
    build: Callable[[Settings], Stage]


def _detect(settings: Settings) -> Stage:
    known()
    from streams.stages.detect import Detect

    return Detect.from_settings(settings)


def _interpret(settings: Settings) -> Stage:
    known()
    from streams.stages.interpret import Interpret

    return Interpret(settings.partitions)


def _score(settings: Settings) -> Stage:
    known()
    from streams.stages.score import Score

    return Score.from_settings(settings)


def _correlate(settings: Settings) -> Stage:
    from streams.stages.correlate import Correlate
    from streams.stages.upstreams import upstream

    return Correlate(
        upstream(stage, topic, number)
        for stage, topic in (("interpret", DETECTIONS), ("score", READINGS))
        for number in range(settings.partitions)
    )


def _explain(settings: Settings) -> Stage:
    known()
    from streams.stages.correlate import Correlate
    from streams.stages.explain import Explain
    from streams.stages.upstreams import upstream

    return Explain(
        upstream(Correlate.name, INCIDENTS, number) for number in range(settings.partitions)
    )


PATH = (
    Step("detect", FRAMES, (DETECTIONS, INCIDENTS), "detect", _detect),
    Step("interpret", DETECTIONS, (INCIDENTS, COUNTS), "streams", _interpret),
    Step("score", READINGS, (SCORED, INCIDENTS), "streams", _score),
    Step("correlate", INCIDENTS, (GROUPED,), "streams", _correlate),
    Step("explain", GROUPED, (CORRELATED,), "streams", _explain),
)


def known() -> None:
    """Loads every kind and feed now: one that is broken is said at the start, not of every event;
    and which kinds join or combine, and the calendar of working time.

    Raises:
        streams.settings.SettingError: an installation's own folder holds one that cannot be used,
            or its calendar cannot.
    """
    from streams.feeds.registry import all_feeds
    from streams.indicators.catalogue import all_indicators
    from streams.kinds import combinations, joins
    from streams.kinds.registry import all_kinds
    from streams.worktime.file import working_calendar

    all_kinds()
    all_feeds()
    all_indicators()
    joins.events()
    combinations.combinations()
    working_calendar()


def steps_of(workers: str) -> tuple[Step, ...]:
    """The steps that one group of workers runs, each with a topic of its own to read.

    Raises:
        ValueError: there is no such group.
    """
    steps = tuple(step for step in PATH if step.workers == workers)
    if not steps:
        groups = ", ".join(sorted({step.workers for step in PATH}))
        raise ValueError(f"no group of workers {workers!r}; there are {groups}")
    return steps
