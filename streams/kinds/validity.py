"""What cannot be in a kind: said when it is loaded, not when a rule of it is first applied."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import get_args, get_type_hints

from models.labels import CLASSES
from streams.events import VERDICTS
from streams.feeds.registry import all_feeds, metrics
from streams.ids import id_fault
from streams.kinds.kind import SUBJECT, Kind, Parameter, Watches
from streams.words import Words

_JUDGES: dict[str, Callable[[Watches], bool]] = {
    "judge_scene": lambda watches: watches.in_pictures,
    "judge_readings": lambda watches: watches is Watches.READINGS,
    "patience": lambda watches: watches is Watches.SOURCE,
}
"""Which watches need it; others do not take it."""
CAP_CATEGORIES = (
    "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra",
    "CBRNE", "Other",
)  # fmt: skip
"""CAP 1.2, section 3.2.2.2."""


def faults(kind: Kind) -> Iterator[str]:
    """Each of them, as what to say after the file's name. Python has checked no type."""
    if fault := id_fault(kind.id):
        yield f"id {fault}"
    if not isinstance(kind.version, int) or kind.version < 1:
        yield f"version={kind.version!r}: give 1 or more"
    if not isinstance(kind.watches, Watches):
        yield f"watches={kind.watches!r}: give one of Watches.{', '.join(Watches.__members__)}"
        return
    yield from _texts(kind)
    yield from _values(kind)
    yield from _judges(kind)
    yield from _parameters(kind)


def _texts(kind: Kind) -> Iterator[str]:
    for field in ("name", "why", "cause", "consequence", "response"):
        if not _is_words(getattr(kind, field)):
            yield f"{field}: give Words(Vietnamese, English)"
    for field in ("why_of", "cause_of", "response_of"):
        said = getattr(kind, field)
        if not isinstance(said, Mapping) or not all(map(_is_words, said.values())):
            yield f"{field}: give a dict of Words(Vietnamese, English) by subject"
    if kind.why_at_once is not None and not _is_words(kind.why_at_once):
        yield "why_at_once: give Words(Vietnamese, English)"


def _is_words(value: object) -> bool:
    return isinstance(value, Words) and all(
        isinstance(text, str) and text.strip() for text in value
    )


def _values(kind: Kind) -> Iterator[str]:
    hints = get_type_hints(Kind)
    for field in ("certainty", "proof"):
        permitted = get_args(hints[field])
        if getattr(kind, field) not in permitted:
            yield f"{field}={getattr(kind, field)!r}: give one of {', '.join(map(repr, permitted))}"
    for field in ("formerly", "needs"):
        if not _is_texts(getattr(kind, field)):
            yield f"{field}={getattr(kind, field)!r}: give a tuple of texts, as ('one',)"
    if not isinstance(kind.shows, str):
        yield f"shows={kind.shows!r}: give one metric"
    if kind.cap_category not in CAP_CATEGORIES:
        yield f"cap_category={kind.cap_category!r}: give one of {', '.join(CAP_CATEGORIES)}"
    if not isinstance(kind.category, str) or not kind.category.strip():
        yield f"category={kind.category!r}: give a category of the Smart Data Models Alert"
    if not isinstance(kind.verdicts, frozenset) or kind.verdicts - set(VERDICTS[1:]):
        yield f"verdicts: give a frozenset of some of {', '.join(VERDICTS[1:])}"
    elif kind.verdicts and kind.watches is not Watches.SYSTEM:
        yield f"it watches {kind.watches}, which takes no verdicts: leave them out"
    if kind.follows is not None and not callable(kind.follows):
        yield "follows: give the function, or leave it out"
    if kind.follows is not None and kind.watches is not Watches.READINGS:
        yield f"it watches {kind.watches}, which takes no follows: leave it out"
    if kind.compares is not None and kind.watches is not Watches.READINGS:
        yield f"it watches {kind.watches}, which takes no compares: leave it out"
    if kind.compares is not None and kind.follows is not None:
        yield "it follows and compares: leave one out"
    if kind.expects is not None and kind.follows is None:
        yield "expects: it follows nothing: leave it out"
    if kind.watches is not Watches.READINGS and (kind.needs or kind.shows or kind.by_model):
        yield f"it watches {kind.watches}, which takes no needs, shows or by_model: leave them out"


def _is_texts(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(text, str) and text for text in value)


def _judges(kind: Kind) -> Iterator[str]:
    for field, needed in _JUDGES.items():
        judge = getattr(kind, field)
        if needed(kind.watches) and not callable(judge):
            yield f"it watches {kind.watches} and has no {field}: give the function"
        if not needed(kind.watches) and judge is not None:
            yield f"it watches {kind.watches}, which takes no {field}: leave it out"
    if not kind.watches.in_pictures:
        return
    if not isinstance(kind.classes, frozenset) or not kind.classes or kind.classes - set(CLASSES):
        yield f"classes: give a frozenset of some of {', '.join(CLASSES)}"
    if "clear_seconds" not in kind.parameters:
        yield "parameters: give clear_seconds, how long until an incident ends"


def _parameters(kind: Kind) -> Iterator[str]:
    if not isinstance(kind.parameters, Mapping):
        yield "parameters: give a dict of Parameter by id"
        return
    for name, parameter in kind.parameters.items():
        if fault := id_fault(name):
            yield f"parameter {fault}"
        if not isinstance(parameter, Parameter):
            yield f"parameter {name}: give a Parameter"
            continue
        if not _is_words(parameter.meaning):
            yield f"parameter {name}: meaning: give Words(Vietnamese, English)"
        if not _is_texts(parameter.formerly):
            yield f"parameter {name}: formerly: give a tuple of texts, as ('one',)"
        yield from _figures(name, parameter)
    yield from _together(kind)


def _together(kind: Kind) -> Iterator[str]:
    """What parameters say of each other, and the sentence of all of them."""
    if not all(isinstance(parameter, Parameter) for parameter in kind.parameters.values()):
        return
    taken: set[str] = set()
    for name, parameter in kind.parameters.items():
        for spelled in (name, *parameter.formerly):
            if spelled in taken:
                yield f"parameters: two are called {spelled!r}, now or formerly"
            taken.add(spelled)
    others = kind.why_of.values() if isinstance(kind.why_of, Mapping) else ()
    for said in (kind.why, kind.why_at_once, *others):
        for text in said if said and _is_words(said) else ():
            for blank in re.findall(r"\{(.*?)\}", text):
                if blank not in kind.parameters and blank != SUBJECT:
                    yield f"why: there is no parameter {blank!r} to fill in"
    try:
        fault = kind.contradicts({n: p.default for n, p in kind.parameters.items()})
    except Exception as error:
        yield f"contradiction: it fails on the defaults: {error!r}"
    else:
        if fault:
            yield f"the defaults contradict each other: {fault}"


def _figures(name: str, parameter: Parameter) -> Iterator[str]:
    for field in ("least", "most", "default"):
        value = getattr(parameter, field)
        if not isinstance(value, int | float) or not math.isfinite(value):
            yield f"parameter {name}: {field}={value!r}: give a number that is finite"
            return
    if not isinstance(parameter.unit, str) and not _is_words(parameter.unit):
        yield f"parameter {name}: unit={parameter.unit!r}: give a text, or Words"
    elif name.endswith("_seconds") and parameter.unit != "s":
        yield f"parameter {name}: its unit is 's'"  # else no span of time would be made of it
    if parameter.windowed and parameter.unit != "s":
        yield f"parameter {name}: windowed, and its unit is not 's': leave windowed out"
    for field in ("least", "most") if parameter.whole else ():
        if getattr(parameter, field) != int(getattr(parameter, field)):
            yield f"parameter {name}: {field}={getattr(parameter, field):g} is not whole"
    if parameter.least >= parameter.most:
        yield f"parameter {name}: least={parameter.least:g} is not below most={parameter.most:g}"
    elif fault := parameter.fault(parameter.default):
        yield f"parameter {name}: default={parameter.default:g}: {fault}"


def unmeasured(kind: Kind) -> Iterator[str]:
    """As ``faults``: what it asks of sensors that no feed's can say."""
    for metric in (*kind.needs, *filter(None, [kind.shows])):
        if metric not in metrics():
            yield f"no feed measures {metric!r}; measured are {', '.join(sorted(metrics()))}"
    if not any(feed.metrics.keys() >= set(kind.needs) for feed in all_feeds().values()):
        yield f"no feed measures all of needs={kind.needs!r}: give what one sensor can say"
