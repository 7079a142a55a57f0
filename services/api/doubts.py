"""What tells some rule too little now: asked of the database, of heartbeats, and put together."""

import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import psycopg
from fastapi import Request
from pydantic import BaseModel, Field

from services.api.auth import pool_of
from services.api.life import Lives
from services.api.queries import SQL
from streams.configuration.configured import Configured
from streams.configuration.unjudged import Doubt, Unjudged, configured_apart, unjudged
from streams.events import (
    SECOND,
    Blindness,
    Heartbeat,
    Micros,
    Source,
    from_datetime,
    to_rfc3339,
)
from streams.feeds.registry import carries_frames, frame_lateness, of_asset_type
from streams.feeds.reporting import reports
from streams.kafka.heartbeat import event_now
from streams.rules.comparing import is_left_behind
from streams.stamps import wall_clock
from streams.topics import DETECTIONS, FRAMES, READINGS, partition_of

ASKED_SECONDS = 5.0
"""For so long an answer of the database is good enough."""
KEPT_SECONDS = 0.9
"""The same of what was made of it."""
USED = frozenset({"accepted", "corrected", "repeated"})
BEHIND: Micros = 5 * SECOND
"""Beyond the lateness that frames are allowed."""


class UnjudgedPlace(BaseModel):
    """A source by which a rule is not judged."""

    rule: str
    source: str
    name_vi: str
    name_en: str
    reason: str = Field(
        description="sparse: its pictures are too far apart; missing: fewer came than it is to"
        " send; shed, refused, late, not_judged: what became of them; damaged, frozen, dark,"
        " covered, blinded, moved: what pictures show; unheard: nothing comes; behind: workers"
        " have not come so far; lagging: what it says comes so late that nothing is known any more"
        " of its peers at that time"
    )
    detail: str = Field(description="Why they were shed or refused, as accounts say; may be empty")
    since: str | None = Field(description="Since when; null: it is configured so, or not known")
    apart_seconds: float | None = Field(
        description="How far apart its good pictures are for most of the time; null: none come, or"
        " it is no camera"
    )
    needs_seconds: float | None = Field(
        description="How far apart they may be for the rule; null: it is no camera"
    )

    @classmethod
    def of(cls, one: Unjudged) -> "UnjudgedPlace":
        doubt = one.doubt
        return cls(
            rule=one.rule.id,
            source=one.source.id,
            name_vi=one.source.name_vi,
            name_en=one.source.name_en,
            reason=doubt.reason,
            detail=doubt.detail,
            since=None if doubt.since is None else to_rfc3339(doubt.since),
            apart_seconds=round(doubt.apart / SECOND, 1) if doubt.apart else None,
            needs_seconds=one.needs / SECOND if one.needs else None,
        )


class Seen(NamedTuple):
    """What was said last of a camera's pictures."""

    apart: Micros
    """0: none come."""
    reason: Blindness
    since: Micros


class Unused(NamedTuple):
    """What most of a source's values came to lately that nothing was decided with."""

    fate: Any
    reason: str
    used: bool
    """Whether others were."""


def unjudged_now(request: Request, known: Configured, lives: Lives) -> list[Unjudged]:
    """Every rule and source by which it is not judged now, see ``unjudged``."""
    facts: Facts = request.app.state.facts
    kept = facts.kept(known)
    if kept is None:
        sources = [source for source in known.sources.values() if reports(source)]
        heartbeats = request.app.state.heartbeats.latest()
        back = behind(sources, heartbeats, request.app.state.settings.partitions, wall_clock())
        kept = unjudged(known, doubts(sources, lives, facts.of(request), back))
        facts.keep(known, kept)
    return kept


class Facts:
    """What the database says, asked anew every few seconds; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = -ASKED_SECONDS
        self._found: tuple[dict[str, Seen], dict[str, Unused]] = {}, {}
        self._kept: tuple[float, int, list[Unjudged]] = (-KEPT_SECONDS, 0, [])

    def kept(self, known: Configured) -> list[Unjudged] | None:
        """What was found a moment ago, under the same configuration: many consoles ask."""
        when, sequence, found = self._kept
        fresh = time.monotonic() - when < KEPT_SECONDS and sequence == known.sequence
        return found if fresh else None

    def keep(self, known: Configured, found: list[Unjudged]) -> None:
        self._kept = time.monotonic(), known.sequence, found

    def of(self, request: Request) -> tuple[dict[str, Seen], dict[str, Unused]]:
        """Raises psycopg.OperationalError where the database does not answer."""
        with self._lock:
            if time.monotonic() - self._asked >= ASKED_SECONDS:
                with pool_of(request).connection() as connection:
                    self._found = seen(connection), unused(connection)
                self._asked = time.monotonic()
            return self._found


def seen(connection: psycopg.Connection[Any]) -> dict[str, Seen]:
    """By camera."""
    return {
        camera: Seen(round(apart.total_seconds() * SECOND) if apart else 0, reason, _time(since))
        for camera, apart, reason, since in connection.execute(SQL["sight_newest"])
    }


def unused(connection: psycopg.Connection[Any]) -> dict[str, Unused]:
    """By source; the largest number first counts."""
    found: dict[str, Unused] = {}
    used: set[str] = set()
    for source, fate, reason, _ in connection.execute(SQL["unused_lately"]):
        if fate in USED:
            used.add(source)
        elif source not in found:
            found[source] = Unused(fate, reason, False)
    return {source: one._replace(used=source in used) for source, one in found.items()}


def doubts(
    sources: Iterable[Source],
    lives: Lives,
    facts: tuple[Mapping[str, Seen], Mapping[str, Unused]],
    behind: Mapping[str, Micros],
) -> dict[str, Doubt]:
    """By source id; a source by which everything may be judged has none, nor has one that rests.

    Args:
        behind: source id to how far the workers have come with it, where that is too far back.
    """
    told, came_to = facts
    found = {}
    for source in sources:
        cause = came_to.get(source.id)
        if cause and cause.fate == "late" and _counts_events(source):
            cause = None  # what is told late counts from then on
        if lives.rests(source):
            continue  # there is nothing to be judged
        if source.id in behind:
            found[source.id] = Doubt("behind", behind[source.id])
        elif carries_frames(source.kind):
            doubt = _of_camera(source, lives, told.get(source.id), cause)
            if doubt:
                found[source.id] = doubt
        elif not (life := lives.of(source)).up:
            found[source.id] = _caused(Doubt("unheard", life.heard), cause)
        elif cause and not cause.used:
            found[source.id] = _caused(Doubt("unheard", None), cause)
        elif life.lag is not None and is_left_behind(source, life.lag):
            found[source.id] = Doubt("lagging", None)
    return found


def _counts_events(source: Source) -> bool:
    """Whether its values are counted here, from events that it tells of one by one."""
    feed = of_asset_type(source.kind)
    return feed is not None and feed.counts is not None


def behind(
    sources: Iterable[Source], heartbeats: Mapping[str, Heartbeat], partitions: int, now: Micros
) -> dict[str, Micros]:
    """Source id to the last tick of its partitions, of those that workers have not caught up with.

    Nothing of partitions of which no worker has ever spoken: then parts are silent.
    """
    due = event_now(heartbeats, now) - frame_lateness() - BEHIND
    reached: dict[str, Micros] = {}
    for beat in heartbeats.values():
        for place, tick in beat.sources.items():
            if tick and place.partition("/")[0] in (FRAMES, DETECTIONS, READINGS):
                reached[place] = max(tick, reached.get(place, 0))
    found = {}
    for source in sources:
        topics = (FRAMES, DETECTIONS) if carries_frames(source.kind) else (READINGS,)
        number = partition_of(source.id if len(topics) > 1 else source.gateway, partitions)
        ticks = [reached[f"{topic}/{number}"] for topic in topics if f"{topic}/{number}" in reached]
        if ticks and min(ticks) < due:
            found[source.id] = min(ticks)
    return found


def _of_camera(
    source: Source, lives: Lives, seen: Seen | None, cause: Unused | None
) -> Doubt | None:
    life = lives.of(source)
    if not life.up:
        since = seen.since if seen and not seen.apart else life.heard
        return _caused(Doubt("unheard", since), cause)
    if seen is None or seen.reason == "removed":  # just added, or by an earlier release
        return configured_apart(source)
    if not seen.reason:
        return None
    doubt = Doubt(seen.reason, seen.since, seen.apart)
    return _caused(doubt, cause) if seen.reason == "missing" else doubt


def _caused(doubt: Doubt, cause: Unused | None) -> Doubt:
    """With what accounts say of it, where they do."""
    return doubt._replace(reason=cause.fate, detail=cause.reason) if cause else doubt


def _time(when: Any) -> Micros:
    return from_datetime(when)
