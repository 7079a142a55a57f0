"""What a kind of incident is: everything that is known of it, in one place.

A kind is one module of this package (or of an installation's own folder, see ``registry``) that
holds one ``KIND``. Nothing else names it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from streams.cameras.scene import Scene
from streams.cameras.tracking import SPARSEST
from streams.cameras.watched import Watched
from streams.events import DAY, SECOND, Incident, Micros, Rule, Verdict
from streams.incidents.watch import Finding, Watch
from streams.kinds.scenario import Scenario
from streams.sensors.judgement import Judgement
from streams.sensors.windows import Views
from streams.words import Words

SUBJECT = "subject"
"""Stands for the incident's subject in a sentence of *why*."""
LONGEST: Micros = 30 * DAY
"""A rule with a figure beyond reason must not stop the stage."""


class Watches(StrEnum):
    """What a kind watches."""

    ZONE = "zone"
    """Tracked objects in a zone: a polygon of three or more corners on a camera's picture."""
    LINE = "line"
    """Tracked objects that cross a line: a zone of two corners."""
    PICTURE = "picture"
    """Tracked objects anywhere in a camera's picture; it needs no zone."""
    READINGS = "readings"
    """What a sensor measures."""
    SOURCE = "source"
    """Whether a camera or sensor sends anything at all."""
    SYSTEM = "system"
    """The system itself: it needs no rule, and none can ask for it."""

    @property
    def in_pictures(self) -> bool:
        """Whether it is objects in a camera's pictures."""
        return self in {Watches.ZONE, Watches.LINE, Watches.PICTURE}


SceneJudge = Callable[[Watched, Watch, Scene], tuple[Watch, bool | None, Finding | None]]
"""(what is watched, what is remembered, one frame) to (what is remembered then, whether an open
incident lasts, what proves a new one). What is remembered is replaced, never changed. None: nobody
can tell whether it lasts, as what proved it may be hidden; it is unknown until somebody can."""
ReadingsJudge = Callable[["Kind", Rule, Views, NDArray[np.uint16]], Judgement]
"""(the kind, the rule, n readings with their windows, their anomaly scores in thousandths)."""


Follower = Callable[
    ["Kind", Rule, NDArray[np.int64], NDArray[np.float64], bytes],
    tuple[bytes, NDArray[np.uint16]],
]
"""(the kind, the rule, times and values of k new readings of one sensor's metric, what is
remembered of it; empty: nothing yet) to what is remembered then, of bounded size, and [k] what the
kind's ``judge_readings`` gets as the scores of these readings."""
Comparer = Callable[
    ["Kind", Rule, NDArray[np.float64], NDArray[np.intp]],
    tuple[NDArray[np.uint16], NDArray[np.float64]],
]
"""(the kind, the rule, what k peers say at one time, the places of n of them among these, which
say it now) to [n] what the kind's ``judge_readings`` gets as the scores of these readings, and
[n, 2] between what values each was expected, NaN where nobody can tell."""
Expecter = Callable[["Kind", Rule, bytes, Micros], tuple[float, float] | None]
"""(the kind, the rule, what it remembers of a series, a time) to the values between which what is
measured then was expected; None: nobody knows."""
METRIC = "metric"
"""What kinds call the parameter that says which metric of a feed they watch: its place, from 1."""


def always(incident: Incident) -> bool:  # noqa: ARG001
    """Of a kind all of whose incidents say that their source is down, or may be explained."""
    return True


class Patience(Protocol):
    """For how long sources of these periods (Micros, [n]) may say nothing, Micros [n]."""

    def __call__(
        self, kind: "Kind", rule: Rule, period: NDArray[np.int64], /, *, pictures: bool
    ) -> NDArray[np.int64]:
        """``pictures``: of cameras, whose periods are those of frames."""
        ...


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that a rule may set."""

    default: float
    unit: str | Words
    """``s``, ``km/h``, ``%``; Words where the languages differ; empty: a bare number."""
    meaning: Words
    least: float = 0.0
    most: float = LONGEST / SECOND
    whole: bool = False
    formerly: tuple[str, ...] = ()
    windowed: bool = False
    """Seconds of a sensor's readings, of which no more is known than its window holds."""

    @property
    def units(self) -> Words:
        """The unit in each language."""
        return self.unit if isinstance(self.unit, Words) else Words(self.unit, self.unit)

    def fault(self, value: float) -> str | None:
        """Why the value cannot be."""
        if not math.isfinite(value) or not self.least <= value <= self.most:
            return f"give a number from {self.least:g} to {self.most:g}"
        if self.whole and value != int(value):
            return "give a whole number"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """See the module. Texts are for people, in both languages."""

    id: str
    version: int = 1
    """Raised when the same rule comes to mean something else."""
    by_calendar: bool = False
    """Whether it decides by what days are worked: a recording says how they were."""
    formerly: tuple[str, ...] = ()
    """Former ids: recordings and logs that carry them are read all the same."""
    name: Words
    category: str
    """As in the Smart Data Models ``Alert``; ours (``dataQuality``) where that has no word."""
    sub_category: str | None = None
    cap_category: str
    """CAP 1.2, section 3.2.2: Transport, Safety, Security, Infra, Env, …"""
    certainty: Literal["Observed", "Likely", "Possible"]
    watches: Watches
    parameters: Mapping[str, Parameter]
    classes: frozenset[str] = frozenset()
    """Classes of objects that a rule may name, and means where it names none."""
    needs: tuple[str, ...] = ()
    """Metrics without which a sensor cannot be judged."""
    verdicts: frozenset[Verdict] = frozenset()
    """Of pictures: those that raise it, without a rule, where it is a fault of a camera."""
    by_model: bool = False
    """Whether it rests on the anomaly scores of a feed's model."""
    shows: str = ""
    """The metric that its evidence shows; empty: the one that deviates most."""
    beyond: Literal["above", "below", ""] = ""
    """Of a kind whose rules set a ``limit``: on which side of it a value is too far."""
    proof: Literal["seen", "felt", ""] = ""
    """On one road segment what a camera has seen and what sensors have felt become one incident."""
    down: Callable[[Incident], bool] = lambda _: False
    """Whether an incident of the kind says that its source is down, so that what depends on that
    may be a consequence."""
    explained: Callable[[Incident], bool] = lambda _: False
    """Whether one may be a consequence: its source does not work, as what it depends on may not."""
    sparsest: Micros = SPARSEST
    """Of a kind of pictures: where a camera's are further apart than this it is not judged."""
    alive: bool = False
    """Whether it is about what comes and goes, so that scenery, which never moved, is no object to
    it. To others scenery is one, unless an engineer has confirmed it."""
    judge_scene: SceneJudge | None = None
    judge_readings: ReadingsJudge | None = None
    follows: Follower | None = None
    """Of a kind of readings that learns what is usual for each series itself."""
    compares: Comparer | None = None
    """Of a kind of readings that compares a source with what the same rule watches beside it."""
    expects: Expecter | None = None
    """Of a kind that ``follows``: what a chart shows as usual."""
    patience: Patience | None = None
    contradiction: Callable[[Mapping[str, float]], str | None] = lambda _: None
    """Of all parameters: why they cannot stand together, or None, beside what ``contradicts``
    knows by their names."""
    why: Words
    """A sentence that says why it was raised; ``{name}`` stands for a parameter's value, and
    ``{subject}`` for the incident's subject."""
    why_of: Mapping[str, Words] = field(default_factory=dict)
    """Another such sentence, by the incident's subject."""
    why_at_once: Words | None = None
    """The first sentence of a rule that asks for no time (``hold_seconds`` 0)."""
    subject_of: Callable[[str], Words] = lambda subject: Words(subject, subject)
    """How those sentences say the subject."""
    cause_of: Mapping[str, Words] = field(default_factory=dict)
    response_of: Mapping[str, Words] = field(default_factory=dict)
    """By the incident's subject, where it asks for other words than ``cause`` and ``response``."""
    cause: Words
    consequence: Words
    response: Words
    """The rationalisation that ISA-18.2 (clause 8) asks for."""
    replayed: bool = True
    """Whether a replay of the same messages finds it again."""
    raises: Scenario | None
    quiet: Scenario | None
    """What raises it and what does not; None where only a broken part can."""

    def value(self, rule: Rule, name: str) -> float:
        """The rule's own value, or the default where it has none that is a number."""
        parameter = self.parameters[name]
        for spelled in (name, *parameter.formerly):
            value = rule.parameters.get(spelled)
            if value is not None and math.isfinite(value):
                return value
        return parameter.default

    def metric_of(self, rule: Rule, metrics: Sequence[str], by: str = METRIC) -> str:
        """Which of a feed's metrics the rule watches by that parameter; empty: the kind has none,
        or the feed has fewer."""
        if by not in self.parameters:
            return ""
        place = round(self.within(rule, by, 100.0)) - 1
        return metrics[place] if 0 <= place < len(metrics) else ""

    def contradicts(self, values: Mapping[str, float]) -> str | None:
        """Why these values of all parameters cannot stand together, or None.

        ``NAME_clear`` lies on the far side of ``NAME_above`` or ``NAME_below``, whatever the kind:
        between them nothing begins or ends.
        """
        for clear in (name for name in self.parameters if name.endswith("_clear")):
            above, below = (clear.removesuffix("clear") + side for side in ("above", "below"))
            if above in values and values[clear] > values[above]:
                return f"{clear} is above {above}: it would end while it is proven"
            if below in values and values[clear] < values[below]:
                return f"{clear} is below {below}: it would end while it is proven"
        return self.contradiction(values)

    def within(self, rule: Rule, name: str, most: float) -> float:
        """The value, from 0 to ``most``."""
        return min(max(self.value(rule, name), 0.0), most)

    def span(self, rule: Rule, name: str) -> Micros:
        """A parameter in seconds as Micros."""
        return round(self.within(rule, name, LONGEST / SECOND) * SECOND)

    def spelled(self, rule: Rule) -> dict[str, float]:
        """The rule's own parameters, by the names that they have now."""
        former = {old: name for name, known in self.parameters.items() for old in known.formerly}
        # A present name comes last: where a rule has both, it is the one that counts.
        by_age = sorted(rule.parameters, key=lambda name: name in self.parameters)
        return {former.get(name, name): rule.parameters[name] for name in by_age}

    def values(self, rule: Rule) -> dict[str, float]:
        """Every parameter, the rule's own or the default."""
        return {name: self.value(rule, name) for name in self.parameters}

    def spans(self, rule: Rule) -> dict[str, Micros]:
        """Those in seconds, as Micros."""
        return {
            name: self.span(rule, name)
            for name, parameter in self.parameters.items()
            if parameter.unit == "s"
        }
