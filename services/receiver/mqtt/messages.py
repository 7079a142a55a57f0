"""What is in a message: rows, as from any other way in, and which of them count. Pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from services.receiver import formats
from services.receiver.check import Checked, Reading, checked
from services.receiver.formats import cloudevents, ngsild, senml, simple, table
from services.receiver.formats.document import document
from services.receiver.mqtt.mapping import Form, Subscription, matched
from services.receiver.rows import Refused, Rows
from services.web.guard import text_of
from services.web.problems import ProblemError
from streams.configuration.configured import Configured
from streams.events import MINUTE, Micros
from streams.feeds.registry import of_asset_type

MOST_BYTES = 2**20
"""Of a payload."""
MOST_ROWS = 10_000
RETAINED_AGE: Micros = 10 * MINUTE
"""What is retained was said once to those who listened: what is older is nobody's news."""
TYPES: dict[Form, str] = {
    "csv": table.TYPE,
    "senml": senml.TYPE,
    "cloudevents": cloudevents.TYPE,
    "cloudevents-batch": cloudevents.BATCH,
    "ngsi-ld": ngsild.TYPE,
}


class Message(NamedTuple):
    """As the broker sent it."""

    topic: str
    payload: bytes
    qos: int
    retained: bool
    """It was kept by the broker from before we subscribed."""
    again: bool
    """It was sent before, and the broker does not know whether it came."""
    copy: bool = False
    """It comes once more, for another filter of its topic."""


class Found(NamedTuple):
    """What a message comes to."""

    readings: list[Reading]
    refused: list[Refused]
    """Rows; of index -1: the whole."""
    left_out: int
    """Readings of a retained message that are old, or may be."""


def mapped(
    subscriptions: Sequence[Subscription], topic: str
) -> tuple[Subscription, tuple[str, ...]] | None:
    """The first that is of this topic, with what its wildcards stand for."""
    for one in subscriptions:
        if (found := matched(one.topic, topic)) is not None:
            return one, found
    return None


def found_in(
    message: Message,
    subscription: Subscription,
    wildcards: Sequence[str],
    known: Configured,
    now: Micros,
) -> Found:
    """Args:
    now: event time at which it arrived.
    """
    named = subscription.named(wildcards)
    try:
        rows = _rows(message, subscription, named)
    except ProblemError as problem:
        return Found([], [Refused(-1, problem.reason, problem.detail, named)], 0)

    told = checked(rows, lambda source: subscription.covers(source, named), known, now, "topic")
    if not message.retained:
        return Found(told.readings, told.refused, 0)
    return _of_retained(told, known, now)


def _rows(message: Message, one: Subscription, named: str) -> Rows:
    """Raises ProblemError."""
    if len(message.payload) > MOST_BYTES:
        raise ProblemError(413, "oversized", f"{len(message.payload)} bytes, at most {MOST_BYTES}")
    text = text_of(message.payload)
    if one.form in TYPES:
        rows: Rows = formats.read(TYPES[one.form], {}, text)
    elif one.form == "number":
        rows = [simple.row(0, _completed({"value": document(text)}, one), named)]
    else:
        value = document(text)
        listed = value if isinstance(value, list) else [value]
        rows = [
            simple.row(index, _completed(each, one), named) for index, each in enumerate(listed)
        ]
    if not rows:
        raise ProblemError(422, "no_rows", "there is no reading in it")
    if len(rows) > MOST_ROWS:
        raise ProblemError(413, "too_many_rows", f"give at most {MOST_ROWS} readings")
    return rows


def _completed(one: Any, subscription: Subscription) -> Any:
    """With the metric and unit that its topic says, where it says none."""
    if not isinstance(one, dict) or "value" not in one:
        return one
    said = {"metric": subscription.metric, "unit": subscription.unit}
    return {name: text for name, text in said.items() if text} | one


def _of_retained(told: Checked, known: Configured, now: Micros) -> Found:
    """Nothing of it may look as if it were said now: what says no time is left out, too."""
    fresh = [
        one
        for one in told.readings
        if not one.arrived and one.time >= now - RETAINED_AGE and not _by_arrival(one, known)
    ]
    wrong = [one for one in told.refused if one.reason != "no_time"]
    left_out = len(told.readings) - len(fresh) + len(told.refused) - len(wrong)
    return Found(fresh, wrong, left_out)


def _by_arrival(one: Reading, known: Configured) -> bool:
    feed = of_asset_type(known.sources[one.source].kind)
    return feed is not None and feed.clock == "arrival"


def without_time(rows: Sequence[Reading]) -> bool:
    """Whether, sent again, it would be taken for something new."""
    return any(one.arrived for one in rows)
