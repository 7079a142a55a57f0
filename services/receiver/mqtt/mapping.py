"""Which topics are of which sources: a YAML file, checked when it is read. Pure.

``docs/receiver.md`` says what may stand in it.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from zlib import crc32

import msgspec

from models.documents import DocumentError, document
from models.files import read_file
from streams.events import Source

MOST = 1_000
MOST_BYTES = 2**20
LONGEST_TOPIC = 1_024
LAST_NUMBER = 268_435_455
"""Of a subscription, as MQTT 5 has it."""
Form = Literal["number", "json", "csv", "senml", "cloudevents", "cloudevents-batch", "ngsi-ld"]
_PLACE = re.compile(r"\{([0-9]{1,2})\}")


class MappingError(ValueError):
    """The file cannot be used; says where and why."""


class Subscription(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Messages of some topics, and what they may be about."""

    topic: str
    """A topic filter, with ``+`` and ``#``."""
    form: Form = msgspec.field(name="format", default="json")
    source: str = ""
    """Whose they are; ``{1}`` is what the first wildcard stands for. Empty: they say it."""
    sources: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    """Of which sources they may be, where they say it."""
    metric: str = ""
    """Where they do not say it, and the feed has several."""
    unit: str = ""
    """Where they do not say it, and it is not the feed's."""
    qos: int = 1

    def covers(self, source: Source, named: str) -> bool:
        """Args:
        named: what ``source`` comes to; empty: nothing.
        """
        if named:
            return source.id == named
        return source.id in self.sources or source.gateway in self.gateways

    def named(self, found: Sequence[str]) -> str:
        """Args:
        found: what its wildcards stand for.
        """
        return _PLACE.sub(lambda place: found[int(place[1]) - 1], self.source)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    subscriptions: tuple[dict[str, Any], ...]


def read(path: Path) -> tuple[Subscription, ...]:
    """Raises MappingError."""
    try:
        text = read_file(path, MOST_BYTES).decode()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", "") or "it is no text in UTF-8"
        raise MappingError(f"{path}: {why}") from None
    try:
        return parsed(text)
    except MappingError as error:
        raise MappingError(f"{path}: {error}") from None


def parsed(text: str) -> tuple[Subscription, ...]:
    """Raises MappingError."""
    try:
        listed = msgspec.convert(document(text), _File).subscriptions
    except DocumentError as error:
        raise MappingError(f"it is no YAML: {error}") from None
    except msgspec.ValidationError as error:
        raise MappingError(f"give a list of subscriptions: {error}") from None
    if not 0 < len(listed) <= MOST:
        raise MappingError(f"give 1 to {MOST} subscriptions")
    found = []
    for number, one in enumerate(listed, 1):
        try:
            found.append(_checked(msgspec.convert(one, Subscription)))
        except (msgspec.ValidationError, ValueError) as error:
            raise MappingError(f"subscription {number}: {error}") from None
    if twice := [one.topic for one in found if sum(one.topic == each.topic for each in found) > 1]:
        raise MappingError(f"topic {twice[0]!r} stands there twice")
    return tuple(found)


def _checked(one: Subscription) -> Subscription:
    """Raises ValueError."""
    levels = one.topic.split("/")
    if not one.topic or len(one.topic) > LONGEST_TOPIC or "\0" in one.topic:
        raise ValueError(f"topic: give 1 to {LONGEST_TOPIC} characters")
    if not one.topic.isprintable():
        raise ValueError("topic: give printable characters")
    if levels[0] == "$share":
        # Its messages come under their own topics: none would be known as of this line.
        raise ValueError("topic: a shared subscription is of no use, as one process takes all")
    if "#" in "".join(levels[:-1]) or any(
        wild in level and level != wild for level in levels for wild in "+#"
    ):
        raise ValueError(f"topic {one.topic!r}: + stands for a whole level, # for all at the end")
    if one.qos not in (0, 1):
        raise ValueError("qos: give 0 or 1")
    ways = [bool(one.source), bool(one.sources or one.gateways)]
    if sum(ways) != 1:
        raise ValueError("give source; or sources or gateways, where messages say which source")
    if one.source and one.form not in ("number", "json"):
        raise ValueError(f"source: messages of format {one.form} say it; give sources or gateways")
    if one.form == "number" and not one.source:
        raise ValueError("format number: give source, as such a message does not say it")
    if (one.metric or one.unit) and one.form not in ("number", "json"):
        raise ValueError(f"metric, unit: messages of format {one.form} say it")
    wild = sum(level in ("+", "#") for level in levels)
    places = [int(place) for place in _PLACE.findall(one.source)]
    if any(not 1 <= place <= wild for place in places) or "{" in _PLACE.sub("", one.source):
        raise ValueError(f"source {one.source!r}: topic {one.topic!r} has {wild} wildcards")
    return one


def asked_for(subscriptions: Sequence[Subscription]) -> list[Subscription]:
    """What to subscribe to, so that a broker that sends a message once for each filter of its topic
    sends it once: no filter within another one, which is then asked for at the higher quality.
    """
    widest = [
        one
        for place, one in enumerate(subscriptions)
        if not any(
            includes(other.topic, one.topic)
            for number, other in enumerate(subscriptions)
            if number != place
        )
    ]
    return [
        msgspec.structs.replace(
            one, qos=max(other.qos for other in subscriptions if includes(one.topic, other.topic))
        )
        for one in widest
    ]


def numbers(subscriptions: Sequence[Subscription]) -> dict[str, int]:
    """By filter, what MQTT 5 tells when a message comes for it. Others for another file: messages
    wait in a session that outlives it, and nobody knows what that one asked for.
    """
    file = crc32(repr([(one.topic, one.qos) for one in subscriptions]).encode())
    return {one.topic: crc32(one.topic.encode(), file) % LAST_NUMBER + 1 for one in subscriptions}


def is_copy(
    subscriptions: Sequence[Subscription],
    known: Mapping[str, int],
    topic: str,
    told: Sequence[int],
) -> bool:
    """Whether this message comes a second time, for a filter other than the one that counts: of
    those of its topic the first of the best quality, as one of quality 0 may lose what another has.

    Args:
        subscriptions: those that the broker has granted.
        known: their ``numbers``.
        told: for which it comes; none where the broker does not tell.
    """
    fitting = [one for one in subscriptions if matched(one.topic, topic) is not None]
    if not told or not set(told) <= {known[one.topic] for one in fitting}:
        return False
    return known[max(fitting, key=lambda one: one.qos).topic] not in told


def includes(wide: str, narrow: str) -> bool:
    """Whether all topics of the second filter are of the first one."""
    levels, wanted = narrow.split("/"), wide.split("/")
    if narrow.startswith("$") and wanted[0] in ("+", "#"):
        return False
    for number, want in enumerate(wanted):
        if want == "#":
            return True
        if number >= len(levels) or levels[number] == "#" or want not in ("+", levels[number]):
            return False
    return len(levels) == len(wanted)


def matched(pattern: str, topic: str) -> tuple[str, ...] | None:
    """What the wildcards stand for; None: the filter is not of this topic."""
    found: list[str] = []
    levels, wanted = topic.split("/"), pattern.split("/")
    if topic.startswith("$") and wanted[0] in ("+", "#"):
        return None
    for number, want in enumerate(wanted):
        if want == "#":
            return (*found, "/".join(levels[number:]))
        if number >= len(levels) or want not in ("+", levels[number]):
            return None
        if want == "+":
            found.append(levels[number])
    return tuple(found) if len(levels) == len(wanted) else None
