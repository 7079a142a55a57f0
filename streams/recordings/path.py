"""Which stages a recording has to do with, and which topics it holds."""

from streams.models import registry
from streams.pipeline import PATH, Step
from streams.recordings.recalled import Recalled
from streams.settings import Settings
from streams.stage import Stage
from streams.stages.detect import DEFAULT_MODEL, Detect

FROM = ("detect", "interpret")
"""Where a recording may begin: with pictures, or with what was seen in them."""


def steps(from_stage: str) -> tuple[Step, ...]:
    """The steps of the path that a replay runs; raises ValueError where it cannot begin there."""
    if from_stage not in FROM:
        raise ValueError(f"a recording begins with {' or '.join(FROM)}, not {from_stage!r}")
    return tuple(step for step in PATH if from_stage == "detect" or step.stage != "detect")


def inputs(from_stage: str) -> tuple[str, ...]:
    """Logical topics that a replay is fed with: what its steps read and none of them writes."""
    chosen = steps(from_stage)
    written = {topic for step in chosen for topic in step.writes}
    return tuple(sorted({step.reads for step in chosen} - written))


def recorded(from_stage: str) -> tuple[str, ...]:
    """Logical topics that a recording holds: for a replay from there, and from any later stage."""
    later = FROM[FROM.index(from_stage) :]
    return tuple(sorted({topic for stage in later for topic in inputs(stage)}))


def knowing(settings: Settings, step: Step) -> Stage:
    """The step's stage, for what it comes to know; what it sends is of no use.

    So no network is run for ``detect``.
    """
    if step.stage != Detect.name:
        return step.build(settings)
    return Recalled(settings.partitions, registry(settings).find(DEFAULT_MODEL))
