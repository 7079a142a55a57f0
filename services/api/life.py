"""When each source was heard last, by whoever hears it, and whether that is recent.

A source is up when it was heard itself. What stages have heard counts, by the tick at which it
arrived: a source whose clock is wrong, or whose link is slow, is heard all the same. Of a camera
that is a picture in which was looked for something: one whose pictures are all refused, or that has
no detector, sees nothing. What a publisher says of its sources counts where no stage says anything.
Whether a gateway lives is another fact.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from fastapi import Request

from streams.events import SECOND, Heartbeat, Micros, Rests, Source
from streams.feeds.registry import of_asset_type
from streams.hearing import shown_after, speaks
from streams.kafka.heartbeat import SILENT, Word, Words, event_now
from streams.sensors.lag import AHEAD
from streams.stamps import steady_clock, wall_clock
from streams.topics import FRAMES, READINGS


class Life(NamedTuple):
    """Of one source."""

    newest: Micros | None
    """Time of its newest event, by its own clock; None: none heard of lately."""
    heard: Micros | None
    """When that arrived, in event time."""
    lag: Micros | None
    """How long it took, to a second; negative: it came from a clock that is ahead."""
    up: bool
    awaited: bool = False
    """Nothing was heard of it since the service knows it, and it may still be its turn."""

    def lags(self, source: Source) -> bool:
        """Whether it speaks, and what it says takes longer than its feed allows, or is ahead."""
        feed = of_asset_type(source.kind)
        if self.lag is None or not self.up or feed is None:
            return False
        return not -AHEAD <= self.lag <= feed.lateness + SECOND  # ticks come once a second


class Acquaintance:
    """Since when the service knows each source, by a clock that nobody sets."""

    def __init__(self, began: Micros) -> None:
        """``began``: when it began to listen; what is there at the first look was there then."""
        self._began = began
        self._since: dict[str, Micros] | None = None

    def of(self, sources: Iterable[Source], now: Micros) -> Mapping[str, Micros]:
        """By source id. One that is gone is forgotten: it begins anew where it comes again."""
        before, new = self._since, now
        if before is None:
            before, new = {}, self._began
        self._since = since = {source.id: before.get(source.id, new) for source in sources}
        return since


class Lives:
    """As of one moment."""

    def __init__(
        self,
        heartbeats: Mapping[str, Heartbeat],
        words: Words,
        sources: Iterable[Source],
        now: Micros,
        waited: Mapping[str, Micros] | None = None,
    ) -> None:
        """``waited``: by source id, for how long the service knows it; None: since ever."""
        self._words, self._now, self._waited = words, now, waited or {}
        self._due = event_now(heartbeats, now)
        self._claims = newest_events(heartbeats.values())
        self._gateways = self._heard_by_gateway(sources)

    def of(self, source: Source) -> Life:
        now, word = self._now, self._words.of.get(source.id)
        claim = self._claims.get(source.id) if self._believed(source) else None
        up = speaks(claim, source.period, self._due)
        if word is None:
            return Life(claim, claim, None, up, not up and self._waits(source, claim))
        newest = word.heard - word.lag
        up = up or speaks(word.heard, source.period, word.event_time(now))
        return Life(
            newest if claim is None else max(newest, claim),
            word.heard if claim is None else max(word.heard, claim),
            0 if -SECOND <= word.lag < 0 else word.lag,  # what came since the last tick
            up,
        )

    def _waits(self, source: Source, newest: Micros | None) -> bool:
        waited = self._waited.get(source.id)
        return newest is None and waited is not None and waited <= shown_after(source.period)

    def rests(self, source: Source) -> Rests:
        """Why nothing is heard of it, where nothing is to be; empty: it speaks, or should."""
        return "" if self.of(source).up else source.rests

    def gateway(self, source: Source) -> Micros | None:
        """When anything was heard through its gateway; None: nothing, or it has none."""
        return self._gateways.get(source.gateway) if source.gateway else None

    def _believed(self, source: Source) -> bool:
        """Whether what a publisher says of its sources counts."""
        feed = of_asset_type(source.kind)
        topic = FRAMES if feed is not None and feed.carries == "frames" else READINGS
        return self._now - self._words.said.get(topic, 0) > SILENT

    def _heard_by_gateway(self, sources: Iterable[Source]) -> Mapping[str, Micros]:
        heard: dict[str, Micros] = {}
        for source in sources:
            word: Word | None = self._words.of.get(source.id)
            if word is not None and source.gateway:
                heard[source.gateway] = max(word.heard, heard.get(source.gateway, 0))
        return heard


def event_time(request: Request) -> Micros:
    """What it should be by now: this machine's clock may be wrong."""
    return event_now(request.app.state.heartbeats.latest(), wall_clock())


def lives(request: Request, sources: Iterable[Source]) -> Lives:
    """As of now."""
    state = request.app.state
    heard, words = state.heartbeats.latest(), state.heartbeats.words()
    now, known = steady_clock(), list(sources)
    # By a clock that nobody sets: else its steps would prolong, or end, the wait for who is new.
    waited = {name: now - since for name, since in state.acquaintance.of(known, now).items()}
    return Lives(heard, words, known, wall_clock(), waited)


def newest_events(heartbeats: Iterable[Heartbeat]) -> dict[str, Micros]:
    """Source id to the newest event that any part says it has published."""
    newest: dict[str, Micros] = {}
    for heartbeat in heartbeats:
        for source, time in heartbeat.sources.items():
            newest[source] = max(time, newest.get(source, time))
    return newest
