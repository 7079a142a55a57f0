"""Who is named by a policy and may not see all that it tells, and so is not told of it. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from services.oncall.deciding import People
from services.oncall.plans import Plans, Policy, Recipient, split
from services.oncall.sight import Area
from streams.events import Micros


class Unseen(NamedTuple):
    recipient: Recipient
    """As the policy names it."""
    who: Recipient
    """A person, or a channel, that is meant by it at some time."""
    hears: tuple[str, ...]
    """Wards that they may see; of alerts that have no source there they are not told. Empty: they
    may see none, or cannot sign in."""
    misses: tuple[str, ...]
    """Of the wards that the policy names those that they may not see; empty: it names none, and so
    tells of all, and of what is in none."""


def unseen(policy: Policy, plans: Plans, people: People, now: Micros) -> list[Unseen]:
    """In the order in which the policy names them, each once for whom it is meant by.

    Args:
        now: who stood in for somebody until then is meant no more.
    """
    found: dict[tuple[Recipient, Recipient], Unseen] = {}
    for recipient in (*(one for step in policy.steps for one in step.tell), *policy.fallback):
        for who in _meant(recipient, plans, people, now):
            area = _area(who, plans, people)
            if area is None:
                continue
            misses = tuple(ward for ward in policy.wards if ward not in area)
            if misses or not policy.wards:
                found.setdefault((recipient, who), Unseen(recipient, who, area, misses))
    return list(found.values())


def _meant(recipient: Recipient, plans: Plans, people: People, now: Micros) -> Iterator[Recipient]:
    """Everybody whom it can be from now on, whoever's turn it is."""
    who, name = split(recipient)
    if who == "team":
        yield from (f"user:{one}" for one in people.teams.get(name, ()))
    elif who != "rotation":
        yield recipient
    elif rotation := plans.rotations.get(name):
        overrides = (one for one in plans.overrides.values() if one.rotation == name)
        standing_in = (one.user for one in overrides if one.until > now)
        turns = (*rotation.people, *rotation.holiday_people, *standing_in)
        yield from (f"user:{one}" for one in dict.fromkeys(turns))


def _area(recipient: Recipient, plans: Plans, people: People) -> Area:
    """Nothing where there is nobody of that name."""
    who, name = split(recipient)
    if who == "channel":
        return plans.channels[name].wards if name in plans.channels else ()
    return people.areas.get(name, ())
