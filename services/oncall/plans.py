"""What is planned: who takes turns, who is told of which alerts in which order. Pure.

A **recipient** is written ``user:lan``, ``rotation:traffic``, ``team:Phường Hồng Bàng`` or
``channel:duty-room``; the last is an address of a channel's own, such as a room of a chat service.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Literal, TypeVar, get_args

import msgspec

from streams.events import DAY, HOUR, SEVERITIES, Micros, Severity
from streams.visible import visible

Sort = Literal["channel", "override", "policy", "rotation"]
SORTS: tuple[Sort, ...] = get_args(Sort)
Recipient = str
WHO = ("user", "rotation", "team", "channel")
STATION = "station"
"""A loudspeaker station, ``station:pa-001``: whom two persons tell, and no plan."""
LONGEST_NAME = 64
LONGEST_TURN_HOURS = 24 * 62
LONGEST_DELAY_MINUTES = 24 * 60
MOST_STEPS = 10
MOST_NAMED = 50
MOST_HOLIDAYS = 200
EPOCH = date(1970, 1, 1)
CITY_AHEAD: Micros = 7 * HOUR
"""Of UTC, all year."""


class PlanError(ValueError):
    """It is no plan that could be followed; the message is one line and says what is wrong."""


class Rotation(msgspec.Struct, frozen=True, kw_only=True):
    """People who take turns, in this order, over and over."""

    name: str
    people: tuple[str, ...]
    start: Micros
    """When the first of them begins for the first time: the hand-over is at this time of the day,
    where turns are whole days. Before it nobody is on call."""
    hours: int
    """Of one turn. Viet Nam has no summer time, so a day of its calendar is always 24 of them."""
    holidays: tuple[str, ...] = ()
    """Days of its calendar, ``2027-01-01``, in order: then others have the turn."""
    holiday_people: tuple[str, ...] = ()
    """Who take turns of a holiday each; nobody, where there are no holidays."""


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody stands in for whoever's turn it is; of several the one that was made last."""

    name: str
    rotation: str
    user: str
    since: Micros
    until: Micros
    """The first moment at which it is over."""
    made: Micros = 0


class Step(msgspec.Struct, frozen=True):
    after: int
    """Minutes, by event time, since the alert was raised and nobody has acknowledged it."""
    tell: tuple[Recipient, ...]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to tell of which alerts, and whom next while nobody acknowledges."""

    name: str
    steps: tuple[Step, ...]
    severity: Severity = "informational"
    """At least."""
    kinds: tuple[str, ...] = ()
    """Empty: all."""
    wards: tuple[str, ...] = ()
    """Of the alert's sources, any of them; empty: all, and none."""
    priority: int = 0
    """At least this urgent, 1 to 4; 0: whatever it is."""
    fallback: tuple[Recipient, ...] = ()
    """Told where a message can reach none of those whom it is for."""


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """What deciding has to know of a channel: whose alerts it is told of by itself."""

    name: str
    wards: tuple[str, ...] | None = None
    """None: everywhere."""
    follows: bool = False
    """Told of an alert, it is told what becomes of it, too."""


Plan = Rotation | Override | Policy | Audience
TYPES: dict[Sort, type[Plan]] = {
    "rotation": Rotation,
    "override": Override,
    "policy": Policy,
    "channel": Audience,
}
_Named = TypeVar("_Named", bound=Plan)


class Plans(msgspec.Struct, frozen=True):
    """All that is planned, by name."""

    rotations: dict[str, Rotation] = {}
    overrides: dict[str, Override] = {}
    policies: dict[str, Policy] = {}
    channels: dict[str, Audience] = {}

    def all(self) -> Iterable[tuple[Sort, Plan]]:
        for sort in SORTS:
            for plan in getattr(self, f"{_plural(sort)}").values():
                yield sort, plan

    def ordered(self) -> "Plans":
        """By name: in whatever order they were stored, what is decided by them comes in this."""
        fields = (_plural(sort) for sort in SORTS)
        return Plans(**{field: dict(sorted(getattr(self, field).items())) for field in fields})

    def changed(self, sort: Sort, name: str, plan: Plan | None) -> "Plans":
        """With one plan put, or (None) taken away."""
        field = _plural(sort)
        known = {key: one for key, one in getattr(self, field).items() if key != name}
        if plan is not None:
            known[name] = plan
        return msgspec.structs.replace(self, **{field: dict(sorted(known.items()))})


def _plural(sort: Sort) -> str:
    return "policies" if sort == "policy" else f"{sort}s"


def split(recipient: Recipient) -> tuple[str, str]:
    """(which of ``WHO``, or ``STATION``, name); raises PlanError."""
    who, mark, name = recipient.partition(":")
    if who not in (*WHO, STATION) or not mark or not name:
        listed = ", ".join(f"{each}:NAME" for each in WHO)
        raise PlanError(f"{recipient!r} is no recipient: give one of {listed}")
    return who, name


def check_name(name: str) -> str:
    """As it is kept; raises PlanError."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or visible(name) != name or "/" in name or ":" in name:
        raise PlanError(f"name: give 1 to {LONGEST_NAME} characters other than / and :")
    return name


def check(plan: _Named, plans: Plans, people: Iterable[str], teams: Iterable[str]) -> _Named:
    """The plan as it is given, if it could be followed; raises PlanError."""
    check_name(plan.name)
    match plan:
        case Rotation():
            _check_rotation(plan, frozenset(people))
        case Override():
            _check_override(plan, plans, frozenset(people))
        case Policy():
            _check_policy(plan, plans, frozenset(people), frozenset(teams))
    return plan


def _check_rotation(rotation: Rotation, people: frozenset[str]) -> None:
    if not rotation.people or len(rotation.people) > MOST_NAMED:
        raise PlanError(f"people: name 1 to {MOST_NAMED}")
    if not 1 <= rotation.hours <= LONGEST_TURN_HOURS:
        raise PlanError(f"hours: a turn lasts 1 to {LONGEST_TURN_HOURS}")
    for name in (*rotation.people, *rotation.holiday_people):
        _insist(name, people, "user")
    if bool(rotation.holidays) != bool(rotation.holiday_people):
        raise PlanError("holidays: say on which days, and who has the turn then")
    if len(rotation.holidays) > MOST_HOLIDAYS or len(rotation.holiday_people) > MOST_NAMED:
        raise PlanError(f"holidays: {MOST_HOLIDAYS} at most, and {MOST_NAMED} people")
    if list(rotation.holidays) != sorted({*rotation.holidays}):
        raise PlanError("holidays: each once, in order")
    for day in rotation.holidays:
        _day(day)


def _check_override(override: Override, plans: Plans, people: frozenset[str]) -> None:
    _insist(override.rotation, plans.rotations, "rotation")
    _insist(override.user, people, "user")
    if override.until <= override.since:
        raise PlanError("until: it ends before it begins")


def _check_policy(
    policy: Policy, plans: Plans, people: frozenset[str], teams: frozenset[str]
) -> None:
    known = {
        "user": people, "team": teams, "rotation": plans.rotations, "channel": plans.channels
    }  # fmt: skip
    if not policy.steps or len(policy.steps) > MOST_STEPS:
        raise PlanError(f"steps: give 1 to {MOST_STEPS}")
    before = -1
    for step in policy.steps:
        if not before < step.after <= LONGEST_DELAY_MINUTES:
            raise PlanError(
                "steps: each is later than the one before, by whole minutes since the alert,"
                f" {LONGEST_DELAY_MINUTES} at most"
            )
        before = step.after
        if not step.tell or len(step.tell) > MOST_NAMED:
            raise PlanError(f"steps: tell 1 to {MOST_NAMED}")
    for recipient in (*(one for step in policy.steps for one in step.tell), *policy.fallback):
        who, name = split(recipient)
        _insist(name, known.get(who, ()), who)
    if not 0 <= policy.priority <= 4:
        raise PlanError("priority: 1 (at once) to 4, or 0 for all")
    if policy.severity not in SEVERITIES:
        raise PlanError(f"severity: one of {', '.join(SEVERITIES)}")


def _insist(name: str, known: Iterable[str], what: str) -> None:
    if name not in known:
        raise PlanError(f"there is no {what} {name!r}")


def needed_by(sort: Sort, name: str, plans: Plans) -> list[str]:
    """What names it, so that it cannot go first; ``policy night``, in order."""
    wanted = f"{sort}:{name}"
    found = [
        f"policy {policy.name}"
        for policy in plans.policies.values()
        if wanted in (*(one for step in policy.steps for one in step.tell), *policy.fallback)
    ]
    if sort == "rotation":
        found += [f"override {o.name}" for o in plans.overrides.values() if o.rotation == name]
    return found


def turn(rotation: Rotation, time: Micros) -> tuple[int, Micros, Micros]:
    """(index of who has the turn, when it began, when it is over); before the start: -1, and when
    the first begins."""
    length = rotation.hours * HOUR
    number = (time - rotation.start) // length
    if number < 0:
        return -1, 0, rotation.start
    began = rotation.start + number * length
    return number % len(rotation.people), began, began + length


def _day(day: str) -> Micros:
    """When a day of Viet Nam's calendar begins; raises PlanError."""
    try:
        found = date.fromisoformat(day)
    except ValueError:
        found = None
    if found is None or found.isoformat() != day:
        raise PlanError(f"holidays: {day!r} is no day such as 2027-01-01")
    return (found - EPOCH).days * DAY - CITY_AHEAD


def _holiday(rotation: Rotation, time: Micros) -> int:
    """Which of its holidays it is; -1: none."""
    today = EPOCH + timedelta(days=(time + CITY_AHEAD) // DAY)
    try:
        return rotation.holidays.index(today.isoformat())
    except ValueError:
        return -1


def on_call(plans: Plans, rotation: str, time: Micros) -> str:
    """Who is on call; empty: nobody, as it has not begun, or there is no such rotation."""
    standing_in = [
        one
        for one in plans.overrides.values()
        if one.rotation == rotation and one.since <= time < one.until
    ]
    if standing_in:
        return max(standing_in, key=lambda one: (one.made, one.name)).user
    found = plans.rotations.get(rotation)
    if found is None:
        return ""
    if found.holiday_people and (number := _holiday(found, time)) >= 0:
        return found.holiday_people[number % len(found.holiday_people)]
    index, _, _ = turn(found, time)
    return "" if index < 0 else found.people[index]


def next_change(plans: Plans, rotation: str, time: Micros) -> Micros | None:
    """When somebody else may be on call next: the end of the turn, or of what stands in for it."""
    found = plans.rotations.get(rotation)
    if found is None:
        return None
    moments = [turn(found, time)[2], *_exceptions(plans, found)]
    return min(moment for moment in moments if moment > time)


def changes(plans: Plans, rotation: str, since: Micros, until: Micros) -> list[Micros]:
    """Every such moment between two others, in order."""
    found = plans.rotations.get(rotation)
    if found is None:
        return []
    moments, time = set(_exceptions(plans, found)), since
    while (time := turn(found, time)[2]) < until:
        moments.add(time)
    return sorted(moment for moment in moments if since < moment < until)


def _exceptions(plans: Plans, rotation: Rotation) -> Iterator[Micros]:
    """When holidays, and what stands in for turns, begin and are over."""
    for begin in map(_day, rotation.holidays):
        yield from (begin, begin + DAY)
    for one in plans.overrides.values():
        if one.rotation == rotation.name:
            yield from (one.since, one.until)
