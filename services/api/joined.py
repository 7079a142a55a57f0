"""What tells of one event with an incident, and what does not, in words.

What was decided is in the revisions of incidents; how far and how soon is worked out again from
them, by the table of ``streams.kinds.joins``.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from streams.events import Incident, Place, from_datetime
from streams.events.incidents import Why
from streams.kinds import joins
from streams.stages.joining import distance, refusal, same_road
from streams.words import Words

Near = Literal["cause", "with", "far", "before", "another"]


class Told(NamedTuple):
    """An incident, as far as it may tell of an event; a row of ``incidents_joined``."""

    id: str
    kind: str
    sources: list[str]
    start: datetime
    end: datetime | None
    explained_by: str | None
    latitude: float | None
    longitude: float | None
    segment: str | None
    metrics: Sequence[str]

    @property
    def place(self) -> Place:
        return Place(self.latitude, self.longitude, self.segment or "")

    @property
    def parts(self) -> tuple[joins.Part, ...]:
        return joins.parts_of(self.kind, self.metrics, self.place)


class Seen(NamedTuple):
    """One that was considered."""

    other: Told
    verdict: Near
    told: Words


def event_of(one: Told, other: Told) -> joins.Event | None:
    """Of which event both may tell, by the table."""
    there = {part.event for part in other.parts}
    return next((joins.events()[part.event] for part in one.parts if part.event in there), None)


def away(one: Place, other: Place) -> Words:
    """How far, for people."""
    if same_road(one, other):
        return Words("cùng đoạn đường", "on the same road")
    metres = distance(one, other)
    if metres >= 1000:
        vi, en = f"{metres / 1000:.1f} km".replace(".", ","), f"{metres / 1000:.1f} km"
        return Words(f"cách {vi}", f"{en} away")
    return Words(f"cách {metres:.0f} m", f"{metres:.0f} m away")


def how(why: Why, own: Place | None, leads: Place | None) -> Words | None:
    """How one that is explained has to do with what explains it."""
    if why in ("depends", "late", "again"):
        return Words("phụ thuộc vào nguồn này", "depends on it")
    if why in ("near", "road"):
        return away(own, leads) if own and leads else Words("cùng sự kiện", "the same event")
    return None


def considered(one: Told, others: Sequence[Told]) -> list[Seen]:
    """Each of those that may tell of the same event as the incident, and why it does or not."""
    found = []
    for other in others:
        shared = [
            (mine, its)
            for mine in one.parts
            for its in other.parts
            if mine.event == its.event and (mine.sign.extends or its.sign.extends)
        ]
        joined = _joined(one, other)
        if not shared and not joined:
            continue
        far = away(one.place, other.place)
        if joined:
            verdict: Near = joined
        else:
            # What extends the event is what the other would have hung on.
            why = [_refused(mine, its, one, other) for mine, its in shared]
            verdict = "another" if None in why else "far" if "far" in why else "before"
        found.append(Seen(other, verdict, _said(verdict, far, event_of(one, other))))
    return found


def _joined(one: Told, other: Told) -> Near | None:
    if other.id == one.explained_by:
        return "cause"
    together = {one.id, one.explained_by} - {None}
    return "with" if other.explained_by in together else None


def _refused(mine: joins.Part, its: joins.Part, one: Told, other: Told) -> str | None:
    if its.sign.extends and mine.rank >= its.rank:
        return refusal(mine, its, _incident(one), _incident(other))
    return refusal(its, mine, _incident(other), _incident(one))


def _incident(told: Told) -> Incident:
    time = from_datetime(told.start)
    return Incident(
        told.id, told.kind, "", "live", "low", tuple(told.sources), "", "", time, time, None, 0,
        told.place,
    )  # fmt: skip


def _said(verdict: Near, far: Words, event: joins.Event | None) -> Words:
    vi, en = (event.name.vi.lower(), event.name.en) if event else ("sự kiện", "event")
    return {
        "cause": Words(f"Cùng một {vi}, {far.vi}: dẫn đầu.", f"The same {en}, {far.en}: it leads."),
        "with": Words(f"Cùng một {vi}, {far.vi}.", f"The same {en}, {far.en}."),
        "far": Words(
            f"Quá xa để là cùng một {vi}: {far.vi}.", f"Too far for the same {en}: {far.en}."
        ),
        "before": Words(
            f"Bắt đầu trước quá lâu để là cùng một {vi} ({far.vi}).",
            f"Too long before for the same {en} ({far.en}).",
        ),
        "another": Words(
            f"Có thể cùng một {vi} ({far.vi}), nhưng không được ghép: thuộc sự kiện khác, quá rộng,"
            " hoặc không cùng lúc.",
            f"It may tell of the same {en} ({far.en}), and was not joined: it is of another event,"
            " that would extend too far, or they did not last together.",
        ),
    }[verdict]
