"""Who is on call as a calendar (iCalendar, RFC 5545), for programs that people look at. Pure."""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID, uuid5

from services.oncall.plans import Plans, changes, on_call
from streams.events import Micros, to_datetime

MOST = 5000
"""Turns of a calendar; more are refused, and not left out."""
MEDIA_TYPE = "text/calendar"
_TURNS = UUID("c0b8b1f6-1c0e-5d5b-9a0b-1f0f6a7f5b21")


class Turn(NamedTuple):
    rotation: str
    user: str
    since: Micros
    until: Micros
    """The first moment at which it is over."""


def turns(plans: Plans, rotation: str, since: Micros, until: Micros) -> Iterable[Turn]:
    """Who is on call in a stretch of time, in order; of the same person's what adjoins is one."""
    last = Turn(rotation, "", since, since)
    for time, end in pairwise((since, *changes(plans, rotation, since, until), until)):
        user = on_call(plans, rotation, time)
        if user == last.user:
            last = last._replace(until=end)
        else:
            if last.user:
                yield last
            last = Turn(rotation, user, time, end)
    if last.user:
        yield last


def written(found: Iterable[Turn], now: Micros) -> bytes:
    """Args:
    now: when it is said, by event time.
    """
    from icalendar import Calendar, Event  # whoever starts the service waits for no calendar

    calendar = Calendar()
    calendar.add("prodid", "-//CityOps//on call//EN")
    calendar.add("version", "2.0")
    for one in found:
        event = Event()
        event.add("uid", f"{uuid5(_TURNS, repr((one.rotation, one.since)))}@cityops")
        event.add("dtstamp", to_datetime(now))
        event.add("dtstart", to_datetime(one.since))
        event.add("dtend", to_datetime(one.until))
        event.add("summary", f"{one.rotation}: {one.user}")
        calendar.add_component(event)
    said: bytes = calendar.to_ical()
    return said
