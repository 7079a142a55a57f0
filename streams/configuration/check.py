"""Whether a change may stand in the configuration; pure, with an error that says why not."""

import re
from collections.abc import Sequence

import msgspec
import shapely

from models.manifest import TASKS
from models.scorer import WINDOW
from streams import dependencies
from streams.cameras.lines import is_line
from streams.cameras.zones import Polygon
from streams.configuration import places
from streams.configuration.address import without_credentials
from streams.configuration.configured import NOTHING, Configured
from streams.control import KnownSource
from streams.events import (
    SECOND,
    ActiveModel,
    Change,
    Configurable,
    Mask,
    Removed,
    Rule,
    SceneryVerdict,
    Source,
    Topology,
    Zone,
)
from streams.feeds.feed import Feed
from streams.feeds.registry import all_feeds, asset_type, carries_frames, of_asset_type
from streams.feeds.reporting import reports
from streams.kinds.kind import METRIC, Kind, Watches
from streams.kinds.registry import UnknownKindError, find, is_watching
from streams.models import classes
from streams.rules.reach import reaches

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Ids are parts of keys, of file names and of addresses."""
MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*@[A-Za-z0-9][A-Za-z0-9._-]*")
MAX_CORNERS = 100
MAX_NAME = 200
SHOWN = 40
"""Of a name that is too long, so that whoever gave it finds it, and no more."""
MAX_PARENTS = 16
MAX_DEPTH = 16
"""Assets above one another: a city's longest chain, from a substation to a camera, has seven."""
MAX_MASKS = 32
MAX_VERDICTS = 64
"""Of one camera: every frame is compared with them."""


class InvalidChangeError(ValueError):
    """The change names something unknown or a value that cannot be."""


def check(known: Configured, change: Change) -> None:
    """Raises InvalidChangeError where ``change`` cannot follow on ``known``."""
    try:
        msgspec.msgpack.decode(msgspec.msgpack.encode(change), type=Change)
    except msgspec.ValidationError as error:
        raise InvalidChangeError(str(error)) from None
    match change:
        case Source():
            _source(known, change)
        case Zone():
            _zone(known, change)
        case Rule():
            _rule(known, change)
        case Mask():
            _mask(known, change)
        case SceneryVerdict():
            _scenery(known, change)
        case ActiveModel():
            if change.task not in TASKS:
                raise InvalidChangeError(f"no task {change.task!r}; tasks are {', '.join(TASKS)}")
            check_model(change.model)
        case Topology():
            pass  # it is on or off, which its type says
        case Removed():
            _removed(known, change)


def check_id(what: str, id: str) -> None:
    """Raises InvalidChangeError where ``id`` cannot be the id of a source, zone or rule."""
    if not ID.fullmatch(id):
        raise InvalidChangeError(
            f"{what} id {_said(id)}: give 1 to 64 letters, digits, '.', '_' or '-',"
            " beginning with a letter or digit"
        )


def check_model(model: str) -> None:
    """Raises InvalidChangeError where ``model`` is not ``name@version``."""
    if not MODEL.fullmatch(model):
        raise InvalidChangeError(f"model {model!r}: give name@version")


def _said(name: str) -> str:
    return repr(name) if len(name) <= MAX_NAME else f"{name[:SHOWN]!r}…"


def check_name(what: str, *names: str) -> None:
    """Raises InvalidChangeError where one is no name for people."""
    for name in names:
        if not name.strip() or len(name) > MAX_NAME:
            raise InvalidChangeError(f"{what} name {_said(name)}: give 1 to {MAX_NAME} characters")
        if not name.isprintable():
            raise InvalidChangeError(f"{what} name {name!r}: it has a character that is not seen")


def _source(known: Configured, source: Source) -> None:
    check_id("source", source.id)
    check_name("source", source.name_vi, source.name_en)
    for what, name in (("ward", source.ward), ("owner", source.owner)):
        if name:
            check_name(what, name)
    _parents(known, source)
    if fault := places.fault(source):
        raise InvalidChangeError(f"source {source.id}: {fault}")
    if source.place.segment:
        check_id("road segment", source.place.segment)
    feed = of_asset_type(source.kind)
    if feed is None:
        types = ", ".join(
            sorted(name for each in all_feeds().values() for name in each.asset_types)
        )
        raise InvalidChangeError(f"source {source.id}: no type {source.kind!r}; types are {types}")
    if feed.carries == "readings":
        _carried(source, feed)
    _fits_what_names_it(known, source, feed)
    if source.model:
        check_model(source.model)
    if source.period < 0:
        raise InvalidChangeError(f"period {source.period}: it cannot be negative")
    if source.view < 0:
        raise InvalidChangeError(f"view {source.view}: it cannot be negative")
    if without_credentials(source.address) != source.address:
        raise InvalidChangeError("an address in the control log carries no credentials")


def _fits_what_names_it(known: Configured, source: Source, feed: Feed) -> None:
    """What is there already is judged by rules and drawn on: it cannot become something else."""
    before = known.sources.get(source.id)
    was = of_asset_type(before.kind) if before else None
    if before and was and was.carries != feed.carries:
        raise InvalidChangeError(
            f"source {source.id} is of type {before.kind}: remove it before it becomes"
            f" {source.kind}"
        )
    for rule in known.rules.values():
        kind = _found(rule.kind) if source.id in rule.sources else None
        fault = _misfit(kind, source.kind) if kind else None
        # A camera may become a file that ends, which nobody misses; a sensor only loses its period.
        if kind and not fault and before and before.period and feed.carries == "readings":
            fault = never_missed(kind, source)
        if kind and not fault and before and before.period != source.period:
            fault = beyond_window(kind, rule, source)
        if fault:
            raise InvalidChangeError(f"source {source.id}: rule {rule.id} names it: {fault}")


def _found(kind: str) -> Kind | None:
    """None where the kind of a rule is gone from this installation."""
    try:
        return find(kind)
    except UnknownKindError:
        return None


def _parents(known: Configured, source: Source) -> None:
    """Nothing depends on itself, directly or through others, nor on a chain without end."""
    if len(source.parents) > MAX_PARENTS or len(set(source.parents)) < len(source.parents):
        raise InvalidChangeError(
            f"source {source.id}: give at most {MAX_PARENTS} parents, each once"
        )
    for name in source.parents:
        if name != source.id and name not in known.sources:
            raise InvalidChangeError(f"source {source.id}: its parent {name!r} does not exist")
    before = known.sources.get(source.id)
    if before is not None and before.parents == source.parents:
        return

    def above(name: str) -> Sequence[str]:
        found = source if name == source.id else known.sources.get(name)
        return found.parents if found else ()

    if cycle := dependencies.cycle(above, source.id):
        raise InvalidChangeError(
            f"source {source.id}: it would depend on itself: {dependencies.told(cycle)}"
        )
    deep = dependencies.longest(above, source.id)
    if before is not None:  # nothing depends yet on what is new
        below = dependencies.children({name: above(name) for name in known.sources})
        deep += dependencies.longest(lambda name: below.get(name, ()), source.id)
    if deep > MAX_DEPTH:
        raise InvalidChangeError(
            f"source {source.id}: {deep} assets would depend on one another in a row; give at most"
            f" {MAX_DEPTH}"
        )


def _carried(source: Source, feed: Feed) -> None:
    """What reports does so through a gateway; of an asset without one nothing comes."""
    described = feed.asset_types[asset_type(source.kind)]
    if source.gateway and described.reports:
        check_id("gateway", source.gateway)
    elif source.gateway:
        raise InvalidChangeError(f"source {source.id}: a {source.kind} never reports: no gateway")
    elif source.period:
        raise InvalidChangeError(
            f"source {source.id}: without a gateway nothing comes of it: give one, or no period"
        )


def _zone(known: Configured, zone: Zone) -> None:
    check_id("zone", zone.id)
    check_name("zone", zone.name_vi, zone.name_en)
    source = known.sources.get(zone.source)
    if source is None or not carries_frames(source.kind):
        raise InvalidChangeError(f"zone {zone.id}: there is no camera {zone.source!r}")
    if not 2 <= len(zone.polygon) <= MAX_CORNERS:
        raise InvalidChangeError(
            f"zone {zone.id}: a polygon has 3 to {MAX_CORNERS} corners, and a line has 2"
        )
    if not all(0 <= x <= 1 and 0 <= y <= 1 for x, y in zone.polygon):
        raise InvalidChangeError(
            f"zone {zone.id}: corners are fractions of the picture, from 0 to 1"
        )
    for rule in known.rules.values():
        if zone.id in rule.zones and (fault := _misdrawn(rule.kind, zone)):
            raise InvalidChangeError(f"zone {zone.id}: rule {rule.id} names it, and {fault}")
        if zone.id in rule.zones:
            drawn = {known.zones[other].source for other in rule.zones if other != zone.id}
            for left in sorted(set(rule.sources) - drawn - {zone.source}):
                raise InvalidChangeError(
                    f"zone {zone.id}: rule {rule.id} names it, and would have none on {left}"
                )
    if is_line(zone.polygon):
        if zone.polygon[0] == zone.polygon[1]:
            raise InvalidChangeError(f"zone {zone.id}: a line has two different corners")
        return
    _simple(f"zone {zone.id}", zone.polygon)


def _simple(what: str, corners: Polygon) -> None:
    polygon = shapely.Polygon(corners)
    if not polygon.is_valid or polygon.area == 0:
        raise InvalidChangeError(
            f"{what}: not a simple polygon ({shapely.is_valid_reason(polygon)})"
        )


def _mask(known: Configured, mask: Mask) -> None:
    check_id("mask", mask.id)
    _on_camera(known, f"mask {mask.id}", mask.source)
    if not 3 <= len(mask.polygon) <= MAX_CORNERS:
        raise InvalidChangeError(f"mask {mask.id}: a polygon has 3 to {MAX_CORNERS} corners")
    if not all(0 <= x <= 1 and 0 <= y <= 1 for x, y in mask.polygon):
        raise InvalidChangeError(
            f"mask {mask.id}: corners are fractions of the picture, from 0 to 1"
        )
    _simple(f"mask {mask.id}", mask.polygon)
    others = [one for one in known.masks.values() if one.source == mask.source]
    if mask.id not in known.masks and len(others) >= MAX_MASKS:
        raise InvalidChangeError(
            f"mask {mask.id}: {mask.source} has {MAX_MASKS} masks: remove one first"
        )


def _scenery(known: Configured, said: SceneryVerdict) -> None:
    check_id("scenery", said.id)
    _on_camera(known, f"scenery {said.id}", said.source)
    x0, y0, x1, y1 = said.box
    # A detector may find a thing a little beyond the picture's edge.
    if not (x0 < x1 and y0 < y1 and all(-1 <= part <= 2 for part in said.box)):
        raise InvalidChangeError(
            f"scenery {said.id}: a box is left, top, right and bottom in fractions of the picture"
        )
    others = [one for one in known.scenery.values() if one.source == said.source]
    if said.id not in known.scenery and len(others) >= MAX_VERDICTS:
        raise InvalidChangeError(
            f"scenery {said.id}: {MAX_VERDICTS} places of {said.source} are confirmed or denied:"
            " draw a mask, or take one back first"
        )


def _on_camera(known: Configured, what: str, source: str) -> None:
    camera = known.sources.get(source)
    if camera is None or not carries_frames(camera.kind):
        raise InvalidChangeError(f"{what}: there is no camera {source!r}")


def _rule(known: Configured, rule: Rule) -> None:
    check_id("rule", rule.id)
    kind = kind_of(rule)
    before = _before(known, rule)
    for source in rule.sources:
        if source not in known.sources:
            raise InvalidChangeError(f"rule {rule.id}: there is no source {source!r}")
        fault = _misfit(kind, known.sources[source].kind)
        is_new = before is None or source not in before.sources
        if not fault and is_new:
            fault = never_missed(kind, known.sources[source])
        if not fault and (is_new or not _keeps_parameters(known, rule)):
            fault = beyond_metrics(kind, rule, known.sources[source].kind)
            fault = fault or beyond_window(kind, rule, known.sources[source])
        if not fault and (is_new or before is None or before.classes != rule.classes):
            fault = _untold(kind, rule, known.sources[source])
        if fault:
            raise InvalidChangeError(f"rule {rule.id}: {source}: {fault}")
    for asset in rule.types:
        fault = _misfit(kind, asset)
        if not fault and not _keeps_parameters(known, rule):
            fault = beyond_metrics(kind, rule, asset)
        if fault:
            raise InvalidChangeError(f"rule {rule.id}: {fault}")
    for zone in rule.zones:
        if zone not in known.zones:
            raise InvalidChangeError(f"rule {rule.id}: there is no zone {zone!r}")
        fault = _misdrawn(kind.id, known.zones[zone])
        if not fault and (before is None or zone not in before.zones):
            fault = _unreached(known, rule, zone)
        if fault:
            raise InvalidChangeError(f"rule {rule.id}: {fault}")
    if rule.zones and kind.watches not in {Watches.ZONE, Watches.LINE}:
        raise InvalidChangeError(f"rule {rule.id}: {kind.id} watches no zones")
    if rule.sources and rule.zones:
        drawn = {known.zones[zone].source for zone in rule.zones}
        for source in rule.sources:
            if source not in drawn:
                raise InvalidChangeError(
                    f"rule {rule.id}: none of its zones is drawn on {source}, where it could never"
                    " fire"
                )
    for label in rule.classes:
        if label not in kind.classes:
            means = ", ".join(sorted(kind.classes)) or "none"
            raise InvalidChangeError(
                f"rule {rule.id}: {kind.id} takes no class {label!r}; it takes {means}"
            )
    if not _keeps_parameters(known, rule):
        check_parameters(kind, rule)


def _untold(kind: Kind, rule: Rule, source: Source) -> str:
    """That the camera's model tells none of the classes that are watched for; empty: it does.

    A "vehicle" is no "car": else a rule for trucks would be raised by every car.
    """
    told = classes(source.model) if kind.watches.in_pictures and source.model else frozenset()
    means = set(rule.classes) or kind.classes
    if not told or told & means:
        return ""
    return (
        f"{source.model} tells {', '.join(sorted(told))} apart and finds no"
        f" {', '.join(sorted(means))}, so it could never fire: name what it tells too"
    )


def _before(known: Configured, rule: Rule) -> Rule | None:
    """The accepted rule of that id; None where there is none, or it is of another kind."""
    before = known.rules.get(rule.id)
    return before if before and _found(before.kind) is _found(rule.kind) else None


def _keeps_parameters(known: Configured, rule: Rule) -> bool:
    """Whether they are those that it was accepted with, even if its kind had no such bounds then.

    Else a camera that such a rule names could not be removed.
    """
    before = _before(known, rule)
    if before is None:
        return False
    return rule.parameters in (before.parameters, kind_of(rule).values(before))


def _misdrawn(kind: str, zone: Zone) -> str | None:
    """Why a kind of that name, if it watches zones or lines, cannot watch this one."""
    if is_line(zone.polygon) and is_watching(kind, Watches.ZONE):
        return f"{kind} watches zones of three or more corners, and {zone.id} is a line"
    if not is_line(zone.polygon) and is_watching(kind, Watches.LINE):
        return f"{kind} watches lines, of two corners, and {zone.id} has more"
    return None


def _unreached(known: Configured, rule: Rule, zone: str) -> str | None:
    """Why the rule could never fire in a zone that it names."""
    camera = known.sources[known.zones[zone].source]
    if reaches(rule, camera.id, camera.kind):
        return None
    return f"zone {zone} is drawn on {camera.id}, which the rule does not name"


def kind_of(rule: Rule) -> Kind:
    """Raises InvalidChangeError where a rule cannot ask for such a kind."""
    try:
        kind = find(rule.kind)
    except UnknownKindError as error:
        raise InvalidChangeError(f"rule {rule.id}: {error}") from None
    if kind.watches is Watches.SYSTEM:
        raise InvalidChangeError(f"rule {rule.id}: {kind.id} is raised by the system itself")
    return kind


def unjudgeable(kind: Kind, rule: Rule, source: Source | KnownSource) -> str | None:
    """Why a new rule of the kind could not judge the source."""
    fault = _misfit(kind, source.kind) or never_missed(kind, source)
    fault = fault or beyond_metrics(kind, rule, source.kind)
    return fault or beyond_window(kind, rule, source)


def _misfit(kind: Kind, type: str) -> str | None:
    """Why the kind cannot judge sources of the asset type."""
    feed = of_asset_type(type)
    if feed is None:
        return f"no feed declares {type!r}"
    if kind.watches.in_pictures and feed.carries != "frames":
        return f"{kind.id} watches pictures, and a {type} sends none"
    if kind.watches is Watches.READINGS:
        if feed.carries != "readings":
            return f"{kind.id} watches readings, and a {type} sends none"
        if missing := [metric for metric in kind.needs if metric not in feed.metrics]:
            return f"{kind.id} needs {' and '.join(missing)}, which a {type} does not measure"
        if kind.by_model and not feed.scored_by:
            return f"{kind.id} needs a model, and there is none for a {type}"
    return None


def beyond_metrics(kind: Kind, rule: Rule, type: str) -> str | None:
    """That the rule watches a metric by a place at which sources of the type measure nothing."""
    feed = of_asset_type(type)
    if kind.watches is not Watches.READINGS or feed is None:
        return None
    for name in kind.parameters:
        place = round(kind.value(rule, name))
        if (name == METRIC or name.endswith(f"_{METRIC}")) and place > len(feed.metrics):
            return (
                f"{name}={place}: give at most {len(feed.metrics)}: a {type} measures"
                f" {', '.join(feed.metrics)}, so it could never fire"
            )
    return None


def beyond_window(kind: Kind, rule: Rule, source: Source | KnownSource) -> str | None:
    """Why a span of the source's readings is longer than what is kept of them.

    The default is not: of a fast source it means as much as is kept.
    """
    reach = source.period * WINDOW
    for name, parameter in kind.parameters.items():
        if not parameter.windowed or kind.value(rule, name) <= parameter.default:
            continue
        if 0 < reach < kind.span(rule, name):
            return (
                f"{name}={kind.value(rule, name):g}: give at most {reach / SECOND:g}: no more than"
                f" {WINDOW} readings are kept, one in {source.period / SECOND:g} s"
            )
    return None


def never_missed(kind: Kind, source: Source | KnownSource) -> str | None:
    """Why the kind, if it watches whether a source is heard of, could never miss this one."""
    if isinstance(source, Source) and not reports(source):
        return "nothing comes of it: no gateway carries it"
    if kind.watches is not Watches.SOURCE or source.period:
        return None
    if carries_frames(source.kind):
        return "its period is not known: a file that ends is not missing"
    return "its period is not known: add it again with the seconds between its readings"


def check_parameters(kind: Kind, rule: Rule) -> None:
    """Raises InvalidChangeError where one is unknown, cannot be, or contradicts another."""
    former = {old: name for name, known in kind.parameters.items() for old in known.formerly}
    told: set[str] = set()
    for spelling, value in sorted(rule.parameters.items()):
        name = former.get(spelling, spelling)
        if name in told:
            raise InvalidChangeError(
                f"rule {rule.id}: {spelling} is another name of {name}: give one"
            )
        told.add(name)
        if name not in kind.parameters:
            takes = ", ".join(sorted(kind.parameters)) or "none"
            raise InvalidChangeError(
                f"rule {rule.id}: no parameter {spelling!r}; {kind.id} takes {takes}"
            )
        if fault := kind.parameters[name].fault(value):
            raise InvalidChangeError(f"rule {rule.id}: {spelling}={value}: {fault}")
    if fault := kind.contradicts(kind.values(rule)):
        raise InvalidChangeError(f"rule {rule.id}: {fault}")


def whole(change: Change, known: Configured = NOTHING) -> Change:
    """As it is to be stored: ids as they are now, and every parameter of a rule.

    So an upgrade that changes a default changes no rule that was accepted before it. Parameters
    that a rule in ``known`` already has are not checked again.

    Raises:
        InvalidChangeError: no kind of that name, or a parameter that cannot be.
    """
    if isinstance(change, Rule) and not _keeps_parameters(known, change):
        check_parameters(kind_of(change), change)
    return spelled(change)


def spelled(change: Change) -> Change:
    """As ``whole``, of what has been accepted, even if its kind had no such bounds then.

    Raises:
        InvalidChangeError: no kind of that name.
    """
    if isinstance(change, Source):
        return places.placed(msgspec.structs.replace(change, kind=asset_type(change.kind)))
    if not isinstance(change, Rule):
        return change
    kind = kind_of(change)
    return msgspec.structs.replace(
        change,
        kind=kind.id,
        parameters=kind.values(change),
        version=kind.version,
        types=tuple(dict.fromkeys(map(asset_type, change.types))),
    )


def ids(known: Configured, kind: Configurable) -> frozenset[str]:
    """Ids of all that is configured of a kind."""
    match kind:
        case "source":
            return frozenset(known.sources)
        case "zone":
            return frozenset(known.zones)
        case "rule":
            return frozenset(known.rules)
        case "mask":
            return frozenset(known.masks)
        case "scenery":
            return frozenset(known.scenery)


def _removed(known: Configured, removed: Removed) -> None:
    if removed.id not in ids(known, removed.kind):
        raise InvalidChangeError(f"there is no {removed.kind} {removed.id!r}")
    for zone in known.zones.values():
        if removed.kind == "source" and zone.source == removed.id:
            raise InvalidChangeError(f"zone {zone.id} is drawn on {removed.id}: remove it first")
    for mask in known.masks.values():
        if removed.kind == "source" and mask.source == removed.id:
            raise InvalidChangeError(f"mask {mask.id} is drawn on {removed.id}: remove it first")
    for said in known.scenery.values():
        if removed.kind == "source" and said.source == removed.id:
            raise InvalidChangeError(
                f"scenery {said.id} is of {removed.id}: take back what was said of it first"
            )
    for child in known.sources.values():
        if removed.kind == "source" and removed.id in child.parents:
            raise InvalidChangeError(
                f"source {child.id} depends on {removed.id}: remove or change it first"
            )
    for rule in known.rules.values():
        used = {"source": rule.sources, "zone": rule.zones}.get(removed.kind, ())
        if removed.id in used:
            raise InvalidChangeError(
                f"rule {rule.id} names {removed.id}: remove or change it first"
            )
