"""What it takes to have assets as a collection describes them: worked out and checked as a whole.

Pure. Nothing that is not named goes, and what is as it is said already is left alone: asked again,
nothing is to be done.
"""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import UNSET

from streams import dependencies
from streams.configuration.check import InvalidChangeError, check, whole
from streams.configuration.configured import Configured, copied, take
from streams.configuration.difference import makes_difference
from streams.configuration.geojson import Described, GeoJsonError, called
from streams.configuration.places import in_named_ward
from streams.events import Source

MAX_CONTACT = 200


class Plan(msgspec.Struct, frozen=True):
    """Of one collection."""

    changes: list[Source]
    """In an order in which each can stand: those that others depend on before them."""
    contacts: dict[str, str]
    """By asset id, those that differ; empty: nobody is to be known."""
    added: list[str]
    changed: list[str]
    """Ids of assets, also where only the contact differs; in order of ids."""
    unchanged: int


def planned(
    known: Configured,
    contacts: Mapping[str, str],
    described: Sequence[Described],
    wards: Sequence[str] = (),
) -> Plan:
    """Args:
        contacts: by asset id, those that are known.
        wards: that people were limited to before there was a source in them.

    Raises:
        GeoJsonError: names the feature that cannot be, and why.
    """
    number: dict[str, int] = {}
    for place, each in enumerate(described):
        if each.id in number:
            other = number[each.id]
            raise GeoJsonError(f"{called(place, each.id)}: feature {other} has this id, too")
        number[each.id] = place
    wanted = {each.id: each.merged(known.sources.get(each.id)) for each in described}
    told = _contacts(described, contacts)
    parents = {name: each.parents for name, each in known.sources.items()}
    parents |= {name: each.parents for name, each in wanted.items()}
    order, cycle = dependencies.in_order(parents)
    if cycle:
        first = next(name for name in cycle if name in wanted)
        at = cycle.index(first)
        path = dependencies.told([*cycle[at:], *cycle[:at]])
        raise GeoJsonError(f"{called(number[first], first)}: it would depend on itself: {path}")
    draft = copied(known)
    changes, added, changed = list[Source](), list[str](), list[str]()
    for name in order:
        if name not in wanted:
            continue
        try:
            change = in_named_ward(whole(wanted[name], draft), wards)
            differs = makes_difference(draft, change)
            if differs:
                check(draft, change)
        except InvalidChangeError as error:
            said = str(error).removeprefix(f"source {name}: ")
            raise GeoJsonError(f"{called(number[name], name)}: {said}") from None
        assert isinstance(change, Source)
        if name not in known.sources:
            added.append(name)
        elif differs or name in told:
            changed.append(name)
        if differs:
            take(draft, change)
            changes.append(change)
    left = len(wanted) - len(added) - len(changed)
    return Plan(changes, told, sorted(added), sorted(changed), left)


def _contacts(described: Sequence[Described], known: Mapping[str, str]) -> dict[str, str]:
    """Those that differ from what is known; raises GeoJsonError."""
    found = {}
    for number, each in enumerate(described):
        contact = each.properties.contact
        if contact is UNSET or contact == known.get(each.id, ""):
            continue
        if len(contact) > MAX_CONTACT or not contact.isprintable():
            raise GeoJsonError(
                f"{called(number, each.id)}: contact: give at most {MAX_CONTACT} characters"
            )
        found[each.id] = contact
    return found
