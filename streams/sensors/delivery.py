"""How well what is expected has come: counts by source and hour, of what leaves the stage. Pure."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.measured import measured
from streams.events import DAY, DELIVERY, HOUR, MINUTE, Delivered, Micros, SourceHours
from streams.feeds.feed import Feed
from streams.feeds.registry import all_feeds
from streams.sensors.release import Judged
from streams.sensors.rosters import Roster
from streams.sensors.windows import Views

SETTLES: Micros = 10 * MINUTE
"""So long after an hour, and its feed's lateness, it is said."""
SENDS: Micros = DAY
"""So long after its last reading of its own one that tells of what happens is to send such."""
EXPECTED, ARRIVED, REFUSED, UNCLEAN, LATE = range(len(DELIVERY))


class HourCount(msgspec.Struct, frozen=True, array_like=True):
    """An hour that is being counted."""

    hour: Micros
    whole: bool
    """Whether the stage was there when it began."""
    numbers: bytes
    """int32 [DELIVERY, slots] of those that were there then."""
    made: bytes = b""
    """int32 [slots]: readings that were made here of events; none: of nobody."""

    def read(self) -> NDArray[np.int32]:
        return np.frombuffer(self.numbers, "<i4").reshape(len(DELIVERY), -1)

    def read_made(self) -> NDArray[np.int32]:
        none = np.zeros(self.read().shape[1], "<i4")
        return np.frombuffer(self.made, "<i4") if self.made else none


class Delivery(msgspec.Struct, frozen=True, tag="delivery"):
    """Of one gateway and feed."""

    hours: tuple[HourCount, ...] = ()
    sent: dict[int, Micros] = {}
    """By slot the last hour that has been said in which it sent readings of its own, where others
    are made of its events."""


NOTHING_DELIVERED = Delivery()


def count(
    delivery: Delivery,
    time: NDArray[np.int64],
    slot: NDArray[np.integer],
    rows: NDArray[np.bool_],
    made: NDArray[np.bool_] | None = None,
) -> Delivery:
    """With n readings added to the hours that are counted; those of others are passed over.

    Args:
        rows: [DELIVERY, n]: what each is.
        made: [n]: those that were made here; None: none.
    """
    if not len(time) or not delivery.hours:
        return delivery
    hours = list(delivery.hours)
    of = time // HOUR * HOUR
    for place, known in enumerate(hours):
        own = of == known.hour
        if not own.any():
            continue
        numbers = known.read().copy()
        slots = slot.astype(np.intp)
        own &= slots < numbers.shape[1]
        for line in range(len(rows)):
            numbers[line] += _by_slot(slots, own & rows[line], numbers.shape[1])
        kept = known.made
        if made is not None and (own & made).any():
            more = _by_slot(slots, own & made, numbers.shape[1])
            kept = (known.read_made() + more).astype("<i4").tobytes()
        hours[place] = HourCount(known.hour, known.whole, numbers.tobytes(), kept)
    return msgspec.structs.replace(delivery, hours=tuple(hours))


def _by_slot(
    slots: NDArray[np.intp], which: NDArray[np.bool_], length: int
) -> NDArray[np.int32] | int:
    return np.bincount(slots[which], minlength=length).astype("<i4") if which.any() else 0


def count_judged(
    delivery: Delivery, feed: Feed, own: Judged, made: NDArray[np.bool_] | None = None
) -> Delivery:
    """With the readings that a tick has released.

    Args:
        made: [n]: those that were made here; None: none. They are no delivery.
    """
    found = own.merged
    rows = np.zeros((len(DELIVERY), len(found.rows)), np.bool_)
    rows[ARRIVED] = ~found.joined
    rows[REFUSED] = ~found.joined & (own.faults > 0).any(axis=1)
    rows[UNCLEAN] = found.joined
    rows[UNCLEAN, own.usable[stuck_in(feed, own.views)]] = True
    if made is not None:
        rows &= ~made
        made = made & ~found.joined
    return count(delivery, found.rows.time, found.rows.slot, rows, made)


def stuck_in(feed: Feed, views: Views) -> NDArray[np.bool_]:
    """[n]: whether what varies where all is well was the same, and not 0, through the window."""
    columns = [at for at, metric in enumerate(feed.metrics.values()) if metric.varies]
    found = np.zeros(len(views.slot), np.bool_)
    for column in columns:
        values = views.values[:, :, column]
        newest = values[:, -1]
        found |= measured(newest) & (newest != 0) & (values == newest[:, None]).all(axis=1)
    return found


def begin(delivery: Delivery, roster: Roster, before: Micros, now: Micros) -> Delivery:
    """At a tick, with the hour that it is in, if that is new; what is to come of it is expected."""
    hour = now // HOUR * HOUR
    if any(each.hour >= hour for each in delivery.hours):
        return delivery
    numbers = np.zeros((len(DELIVERY), len(roster.sources)), "<i4")
    period = roster.period
    told = (period > 0) & (period <= HOUR)
    numbers[EXPECTED, told] = HOUR // period[told]
    numbers[EXPECTED, ~speaks(roster)] = 0
    # Not of the hour in which a gateway is connected, nor of one that time has jumped in.
    whole = hour - MINUTE <= before < hour
    counted = HourCount(hour, whole, numbers.tobytes())
    return msgspec.structs.replace(delivery, hours=(*delivery.hours, counted))


def speaks(roster: Roster) -> NDArray[np.bool_]:
    """[slots]: of which something is to come."""
    known = roster.known
    return np.array([name in known and not known[name].rests for name in roster.sources], np.bool_)


def lived(delivery: Delivery, before: Micros, now: Micros) -> Delivery:
    """At a tick: without the hours that were counted, where time has just jumped or gone back:
    nobody was there for all of them."""
    if now - MINUTE <= before <= now:
        return delivery
    return Delivery(sent=delivery.sent) if now > before else NOTHING_DELIVERED


def over(
    delivery: Delivery, gateway: str, roster: Roster, now: Micros
) -> tuple[Delivery, list[SourceHours]]:
    """At a tick: what is left, and the hours that are said now."""
    late = roster.feed.lateness + HOUR + SETTLES
    due = [each for each in delivery.hours if each.hour + late <= now]
    if not due:
        return delivery, []
    hours, sent = [], delivery.sent
    for each in due:
        numbers, sent = _owed(each, sent)
        if not each.whole:
            continue
        here = speaks(roster)[: numbers.shape[1]]
        # Of one without a period nobody knows what is missing, and that nothing came says nothing.
        here &= (numbers[EXPECTED] > 0) | (numbers[ARRIVED] > 0)
        if not here.any():
            continue
        order = np.argsort(roster.rank[: len(here)], kind="stable")
        origins = [roster.known[roster.sources[at]].origin for at in order[here[order]].tolist()]
        for origin in sorted(set(origins)):
            mine = [one == origin for one in origins]
            slots = order[here[order]][mine]
            names = tuple(roster.sources[slot] for slot in slots.tolist())
            own = numbers[:, slots].astype("<i4").tobytes()
            hours.append(SourceHours(gateway, roster.feed.id, origin, each.hour, now, names, own))
    left = tuple(each for each in delivery.hours if each not in due)
    return Delivery(left, sent), hours


def _owed(each: HourCount, sent: dict[int, Micros]) -> tuple[NDArray[np.int32], dict[int, Micros]]:
    """An hour's numbers, and who has sent readings of its own, where some are made of events.

    These are no delivery: they would stand for readings that are lost. Of one that sends nothing
    else nobody knows what is missing, as what did not happen is not told.
    """
    numbers, made = each.read(), each.read_made()
    if not made.any() and not sent:
        return numbers, sent
    speaking = (numbers[ARRIVED] > 0) & (made > 0)
    speaking[[slot for slot in sent if slot < len(made) and numbers[ARRIVED, slot]]] = True
    after = {slot: hour for slot, hour in sent.items() if each.hour - hour < SENDS}
    after |= dict.fromkeys(np.flatnonzero(speaking).tolist(), each.hour)
    alone = (made > 0) & (numbers[ARRIVED] == 0)
    alone[[slot for slot in after if slot < len(made)]] = False
    numbers = numbers.copy()
    numbers[EXPECTED, alone] = 0
    numbers[ARRIVED, alone] = made[alone]
    return numbers, dict(sorted(after.items()))


def summary(hours: SourceHours) -> Delivered:
    """What an hour of a gateway's sources adds to that of their feed."""
    feed = all_feeds()[hours.feed]
    numbers = np.frombuffer(hours.numbers, "<i4").reshape(len(DELIVERY), -1).astype(np.int64)
    expected, arrived, refused, unclean, late = numbers
    counted = expected > 0
    return Delivered(
        feed.id,
        hours.origin,
        hours.hour,
        sources=numbers.shape[1],
        kept=int(np.count_nonzero(keeps(feed, numbers).all(axis=0))),
        expected=int(expected.sum()),
        arrived=int(np.minimum(arrived, expected)[counted].sum()),
        readings=int(arrived.sum()),
        refused=int(refused.sum()),
        unclean=int(unclean.sum()),
        late=int(late.sum()),
    )


def keeps(feed: Feed, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """[4, n]: whether complete, valid, clean and live are as promised; all whole numbers."""
    expected, arrived, refused, unclean, late = numbers
    promise = feed.promise
    return np.stack(
        [
            1000 * arrived >= round(10 * promise.complete) * expected,
            1000 * (arrived - refused) >= round(10 * promise.valid) * arrived,
            1000 * (arrived - np.minimum(unclean, arrived)) >= round(10 * promise.clean) * arrived,
            1000 * (arrived - late) >= round(10 * promise.live) * arrived,
        ]
    )
