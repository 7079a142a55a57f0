"""Packs of readings as the systems' gateways send them: what has become due since the last."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulators.feeds import faults
from simulators.feeds.registry import all_simulated
from simulators.feeds.simulated import Events, Simulated, Tells, measures_nothing
from simulators.world.chance import Keys, Numbers, key, trait
from simulators.world.state import Rows, World
from streams.events import SECOND, Micros, Origin, Readings, Source
from streams.feeds.feed import EVENT_FIELDS, Feed
from streams.feeds.registry import all_feeds, asset_type, of_asset_type
from streams.feeds.reporting import reports

ORIGIN: Origin = "simulated"
PACK_PERIOD: Micros = 10 * SECOND
"""A gateway collects for so long: a pack costs about the same however many readings it has."""


def gateway_of(source: Source) -> str:
    """Which simulated system carries it; empty: none does."""
    feed = of_asset_type(source.kind)
    simulated = all_simulated().get(feed.id) if feed else None
    if feed is None or simulated is None or not feed.asset_types[asset_type(source.kind)].reports:
        return ""
    word = simulated.gateway(source)
    return "-".join(part for part in ("sim", feed.id.replace("_", "-"), word) if part)


Fault = Callable[[faults.Rates, Keys, Numbers], NDArray[np.bool_]]


class Draft(NamedTuple):
    """A pack without its stamp: n readings."""

    sources: tuple[str, ...]
    metrics: tuple[str, ...]
    source: NDArray[np.uint16]
    times: NDArray[np.int64]
    values: NDArray[np.float64]
    """[n, metrics]"""

    def stamped(self, gateway: str, time: Micros, sequence: int) -> Readings:
        return Readings(
            gateway,
            time,
            sequence,
            ORIGIN,
            self.sources,
            self.metrics,
            self.source.astype("<u2").tobytes(),
            self.times.astype("<i8").tobytes(),
            self.values.astype("<f8").tobytes(),
        )


class Gateway:
    """One system's."""

    def __init__(
        self, world: World, name: str, feed: Feed, simulated: Simulated, sources: Sequence[Source]
    ) -> None:
        self.name, self._world, self._feed, self._simulated = name, world, feed, simulated
        self._assets = np.array([world.place[one.id] for one in sources], np.intp)
        self._period = np.array([one.period for one in sources], np.int64)
        self._keys = world.keys[self._assets]
        # Whole seconds, evenly: a system asks its devices one after the other.
        phase = trait(self._keys, "phase") * self._period
        self._phase = phase.astype(np.int64) // SECOND * SECOND
        own_clock = feed.clock == "source"
        rates = simulated.rates
        self._rates = rates if own_clock else rates._replace(late=0.0, skew=0)
        self._skew = faults.skew(self._rates, self._keys)
        self.offset: Micros = key(world.seed, name) % PACK_PERIOD // SECOND * SECOND
        """After whole PACK_PERIODs: packs of different gateways do not all come at once."""

    def between(self, after: Micros, until: Micros) -> Draft | None:
        """What it sends at ``until``, having sent what there was at ``after``; None: nothing."""
        rates, later = self._rates, faults.DELAY
        now = self._due(after, until)
        now = now.take(~faults.late(rates, now.keys, now.number))
        before = self._due(after - later, until - later)
        delayed = before.take(faults.late(rates, before.keys, before.number))
        again = before.take(faults.twice(rates, before.keys, before.number))
        rows = Rows.joined((now, delayed, again))
        heard = ~faults.lost(rates, rows.keys, rows.number)
        heard &= ~self._simulated.silent(self._world, rows)
        rows = rows.take(heard)
        return self._draft(rows) if len(rows.asset) else None

    def _due(self, after: Micros, until: Micros) -> Rows:
        """The newest reading of each source that has one in that time; all of them that are due,
        where that is no longer than any period."""
        number = (until - self._phase) // self._period
        time = number * self._period + self._phase
        due = time > after
        return Rows(self._assets[due], time[due], number[due], self._keys[due])

    def _draft(self, rows: Rows) -> Draft:
        place = np.searchsorted(self._assets, rows.asset)  # in the world's order, which ascends
        held = faults.held(self._rates, rows, self._period[place])
        measured = self._simulated.measure(self._world, held)
        metrics = tuple(name for name in self._feed.metrics if name in measured)
        values = np.stack([measured[name] for name in metrics], axis=1)
        assets, source = np.unique(rows.asset, return_inverse=True)
        return Draft(
            tuple(self._world.assets[number].id for number in assets.tolist()),
            metrics,
            source.astype(np.uint16),
            rows.time + self._skew[place],
            values,
        )


class Telling:
    """One system's that tells of cases one by one."""

    def __init__(
        self, world: World, name: str, simulated: Simulated, tells: Tells, sources: Sequence[Source]
    ) -> None:
        self.name, self._tells, self._rates = name, tells, simulated.rates
        self._world, self._silent = world, simulated.silent
        self.names = tuple(one.id for one in sources)
        self._assets = np.array([world.place[name] for name in self.names], np.intp)
        self._keys = world.keys[self._assets]
        self.offset: Micros = key(world.seed, name) % PACK_PERIOD // SECOND * SECOND

    def standing(self, now: Micros) -> Draft | None:
        """What it says when it is started."""
        return self._draft(self._struck(self._tells.standing(self._keys, now)))

    def between(self, after: Micros, until: Micros) -> Draft | None:
        """What it sends at ``until``, having sent what there was at ``after``; None: nothing."""
        now = self.told(after, until)
        later = faults.DELAY
        before = self.told(after - later, until - later)
        again = before.take(self._is(faults.late, before) | self._is(faults.twice, before))
        return self._draft(Events.joined((now.take(~self._is(faults.late, now)), again)))

    def told(self, after: Micros, until: Micros) -> Events:
        """What happened after the one and up to the other, and is told; ``source`` is the place in
        ``names``."""
        told = self._struck(self._tells.between(self._keys, after, until))
        return told.take(~self._silent(self._world, self._rows(told)))

    def _struck(self, told: Events) -> Events:
        return self._tells.struck(self._world, self._rows(told), told)

    def _rows(self, told: Events) -> Rows:
        keys = self._keys[told.source]
        return Rows(self._assets[told.source], told.time, _numbers(told), keys)

    def _is(self, fault: Fault, events: Events) -> NDArray[np.bool_]:
        return fault(self._rates, self._keys[events.source], _numbers(events))

    def _draft(self, events: Events) -> Draft | None:
        if not len(events.time):
            return None
        sources, source = np.unique(events.source, return_inverse=True)
        names = tuple(self.names[number] for number in sources.tolist())
        return Draft(names, EVENT_FIELDS, source.astype(np.uint16), events.time, events.values)


def _numbers(events: Events) -> Numbers:
    """[n]: of each among all of its source."""
    case, step = (events.values[:, EVENT_FIELDS.index(name)] for name in ("case", "step"))
    number: Numbers = case.astype(np.int64) * 8 + step.astype(np.int64)
    return number


class Gateways:
    """All of a world: each of its assets that reports and has a simulator."""

    def __init__(self, world: World) -> None:
        by_name: dict[str, list[Source]] = {}
        for asset in world.assets:
            if (name := gateway_of(asset)) and name == asset.gateway and reports(asset):
                by_name.setdefault(name, []).append(asset)
        self.all: list[Gateway | Telling] = []
        for name, sources in sorted(by_name.items()):
            feed = of_asset_type(sources[0].kind)
            assert feed is not None
            simulated = all_simulated()[feed.id]
            if simulated.tells:
                self.all.append(Telling(world, name, simulated, simulated.tells, sources))
            if simulated.measure is not measures_nothing:
                self.all.append(Gateway(world, name, feed, simulated, sources))
        self._sent: dict[int, Micros] = {}
        """By place among all: one that tells and measures is there twice."""

    def closed(self, now: Micros) -> Iterator[tuple[str, Draft]]:
        """(gateway, pack) of those whose time for a pack has come since this was last asked.

        The first time no readings: what was due before is not made up for. After a pause of more
        than a period of some source, of that source only the newest reading is told. Of cases all
        that happens is told, and the first time what stands.
        """
        for place, gateway in enumerate(self.all):
            until = (now - gateway.offset) // PACK_PERIOD * PACK_PERIOD + gateway.offset
            after = self._sent.get(place)
            self._sent[place] = until
            if after is None and isinstance(gateway, Telling):
                draft = gateway.standing(until)
                if draft is not None:
                    yield gateway.name, draft
            elif after is not None and until > after:
                draft = gateway.between(after, until)
                if draft is not None:
                    yield gateway.name, draft


def feeds() -> dict[str, Feed]:
    """Those that are simulated here."""
    return {name: all_feeds()[name] for name in all_simulated()}
