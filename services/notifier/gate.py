"""The one place where a message is handed to a channel, and the last one where its origin is asked.

Whoever adds a channel writes no line about origin: nothing reaches it but through here.
"""

from collections.abc import Callable
from typing import NamedTuple

from services.notifier.channel import Channel, Way, Written
from services.oncall.law import Verdict, verdict
from streams.events import Micros, Origin


class Parcel(NamedTuple):
    """What is to go, and to whom."""

    channel: Channel
    way: Way
    origin: Origin
    """Of all alerts in it: one that is not live is in no parcel with one that is."""
    test: bool
    public: bool
    """Whoever has set the channel says that its readers are not known by name."""
    exercises_until: Micros | None
    """Until when its recipient accepts exercises; None: not at all."""
    confirmed: bool
    """Two persons have said that the public is to be told of it."""
    write: Callable[[bool], Written]
    """The message, marked as an exercise or not."""


def hand_over(parcel: Parcel, now: Micros) -> Verdict:
    """Sends it where that is lawful; gives what was found.

    Raises:
        FailedError, RefusedError: as the channel says.
    """
    found = verdict(
        parcel.origin,
        test=parcel.test,
        public=parcel.public or parcel.channel.PUBLIC,
        confirmed=parcel.confirmed,
        exercises_until=parcel.exercises_until,
        now=now,
    )
    if found.may:
        parcel.channel.send(parcel.way, parcel.write(found.exercise))
    return found
