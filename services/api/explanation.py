"""Why an incident is a consequence, or is none: what was decided, what was considered, in words.

What was decided is in the incident's revisions. What was considered is worked out again from the
history, by the rules of the stage and by what depends on what now.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from pydantic import BaseModel, Field

from services.api.bodies import WordsBody, words
from services.api.joined import Near, Told, considered, event_of
from streams import dependencies
from streams.configuration.configured import Configured
from streams.events import MINUTE, Incident, from_datetime, to_rfc3339
from streams.events.incidents import Why
from streams.kinds.registry import is_down
from streams.stages.explaining import EARLIER, GRACE, began_with
from streams.words import Words

Verdict = Literal["cause", "between", "over", "possible", "later", "not_down"] | Near


class DecisionBody(BaseModel):
    """One revision that says whether it is a consequence."""

    revision: int
    decided_at: str
    cause: str | None = Field(description="The incident; null: of none")
    via: list[str] = Field(description="Sources from its own to the cause's, of your area")
    why: Why
    told: WordsBody


class ConsideredBody(BaseModel):
    """An asset above, or what may tell of the same event, and why it is the cause or is not."""

    source: str
    name_vi: str
    name_en: str
    steps: int = Field(
        description="1: it depends on that directly; 0: not at all, it may tell of the same event"
    )
    incident: str | None = Field(description="That says that it was down; null: none does")
    since: str | None
    until: str | None = Field(description="null: it lasts, or was not down")
    verdict: Verdict
    told: WordsBody


class ExplanationBody(BaseModel):
    incident: str
    kind: str
    source: str
    start: str
    end: str | None
    explained_by: str | None
    told: WordsBody = Field(description="What holds now, in a sentence")
    decisions: list[DecisionBody] = Field(description="Oldest first")
    considered: list[ConsideredBody] = Field(
        description="All that it depends on now, the nearest first; then what may tell of the same"
        " event, the nearest first"
    )


_MINUTES = EARLIER // MINUTE
_WHY: Mapping[Why, Words] = {
    "depends": Words(
        "Nguồn này phụ thuộc vào {cause}, vốn đang hỏng: đây là hệ quả.",
        "Its source depends on {cause}, which is down: it is a consequence.",
    ),
    "late": Words(
        "Nguồn này phụ thuộc vào {cause}, vốn đã hỏng khi sự cố này bắt đầu và nay đã hết.",
        "Its source depends on {cause}, which was down when this began, and is over.",
    ),
    "again": Words(
        "{cause} hỏng lại trước khi nguồn này hoạt động trở lại.",
        "{cause} is down again, before this had come back.",
    ),
    "outlasts": Words(
        f"Nguyên nhân đã hết hơn {GRACE // MINUTE} phút mà vẫn còn: là cảnh báo riêng.",
        f"Its cause is over for {GRACE // MINUTE} minutes or more, and it lasts: an alert of its"
        " own.",
    ),
    "near": Words(
        "Cùng một {event} với {cause}, ở gần đó: là một phần của cảnh báo ấy.",
        "It tells of the same {event} as {cause}, near by: it is part of that alert.",
    ),
    "road": Words(
        "Cùng một {event} với {cause}, trên cùng đoạn đường: là một phần của cảnh báo ấy.",
        "It tells of the same {event} as {cause}, on the same road: it is part of that alert.",
    ),
    "off": Words(
        "Việc giải thích đã bị tắt: là cảnh báo riêng.",
        "Nothing is explained any more, as was said: an alert of its own.",
    ),
}
_VERDICTS: Mapping[Verdict, Words] = {
    "cause": Words("Hỏng: là nguyên nhân.", "Down: the cause."),
    "between": Words(
        "Hỏng, và cũng là hệ quả của nguyên nhân đó.",
        "Down, and itself a consequence of that cause.",
    ),
    "possible": Words(
        "Hỏng, nhưng nguyên nhân khác gần hơn hoặc có trước.",
        "Down; but another is nearer, or was before.",
    ),
    "over": Words("Đã hỏng, và nay đã hết.", "It was down, and that is over."),
    "later": Words(
        f"Hỏng sau sự cố này hơn {_MINUTES} phút: không phải nguyên nhân.",
        f"Down more than {_MINUTES} minutes after this began: not the cause.",
    ),
    "not_down": Words("Không có gì cho thấy đã hỏng lúc đó.", "Nothing says that it was down."),
}
_ALONE = Words("Không phải hệ quả của sự cố nào.", "It is no consequence of another incident.")
_SINGLE = Words("Không có sự cố nào khác được ghép với nó.", "No other incident is joined with it.")
_APART = Words(
    "Việc ghép sự cố đang tắt (CITYOPS_GROUPING=0).",
    "Nothing is joined: that is switched off (CITYOPS_GROUPING=0).",
)
_OFF = Words(
    "Việc giải thích đang tắt (CITYOPS_TOPOLOGY=0).",
    "Nothing is explained: that is switched off (CITYOPS_TOPOLOGY=0).",
)


class Revision(NamedTuple):
    """A row of ``incident_revisions``."""

    id: str
    revision: int
    decided_at: datetime
    kind: str
    origin: str
    sources: list[str]
    start: datetime
    end: datetime | None
    explained_by: str | None
    via: list[str]
    why: Why
    latitude: float | None = None
    longitude: float | None = None
    segment: str | None = None
    metrics: Sequence[str] = ()

    @property
    def told(self) -> Told:
        """As what may tell of an event."""
        return Told(
            self.id, self.kind, self.sources, self.start, self.end, self.explained_by,
            self.latitude, self.longitude, self.segment, self.metrics,
        )  # fmt: skip


class Other(NamedTuple):
    """A row of ``incidents_of_assets``."""

    id: str
    kind: str
    sources: list[str]
    start: datetime
    end: datetime | None
    explained_by: str | None


def above(known: Configured, source: str) -> dict[str, int]:
    """All that it depends on, as far as is known, and in how many steps."""
    found = dependencies.closure(
        lambda name: known.sources[name].parents if name in known.sources else (), [source]
    )
    return {name: steps for name, steps in found.items() if name in known.sources}


def explanation(
    revisions: Sequence[Revision],
    others: Sequence[Other],
    known: Configured,
    joined: Sequence[Told] = (),
) -> ExplanationBody:
    """Of one incident.

    Args:
        revisions: all of them, in order; at least one.
        others: incidents of what it depends on, that lasted then.
        known: what is configured, as who asks may see it.
        joined: incidents that may tell of the same event, as who asks may see them.
    """
    last = revisions[-1]
    # What led it last; the place and the metric are said at the beginning at the latest.
    own = revisions[0].told._replace(explained_by=last.explained_by)
    decisions, before = [], ("", "")
    for one in revisions:
        if (one.explained_by or "", one.why) != before:
            decisions.append(_decision(one, known, own, joined))
        before = one.explained_by or "", one.why
    return ExplanationBody(
        incident=last.id,
        kind=last.kind,
        source=last.sources[0],
        start=_time(last.start),
        end=None if last.end is None else _time(last.end),
        explained_by=last.explained_by,
        told=words(_summary(last, known, own, joined)),
        decisions=decisions,
        considered=[*_considered(last, others, known), *_near(own, joined, known)],
    )


def _summary(last: Revision, known: Configured, own: Told, joined: Sequence[Told]) -> Words:
    members = [one for one in joined if one.explained_by == last.id]
    if members:
        event = _event(own, members, last.id)
        return Words(
            f"Dẫn đầu một {event.vi}: {len(members)} sự cố khác cùng nói về sự kiện này.",
            f"It leads a {event.en}: "
            + (
                "1 other tells of it."
                if len(members) == 1
                else f"{len(members)} others tell of it."
            ),
        )
    if last.why:
        return _told(_WHY[last.why], last.via, known, _event(own, joined, last.explained_by))
    if own.parts:
        if not known.switches.get("grouping", False):
            return _APART
        return _SINGLE
    if not known.switches.get("topology", False):
        return _OFF
    return _ALONE


def _event(own: Told, joined: Sequence[Told], leads: str | None) -> Words:
    """What both tell of, in words."""
    others = [one for one in joined if leads in (one.id, one.explained_by)]
    found = next((event for one in others if (event := event_of(own, one))), None)
    return Words(found.name.vi.lower(), found.name.en) if found else Words("sự kiện", "event")


def _near(own: Told, joined: Sequence[Told], known: Configured) -> list[ConsideredBody]:
    found = []
    for seen in considered(own, joined):
        other, source = seen.other, known.sources.get(seen.other.sources[0])
        found.append(
            ConsideredBody(
                source=other.sources[0],
                name_vi=source.name_vi if source else "",
                name_en=source.name_en if source else "",
                steps=0,
                incident=other.id,
                since=_time(other.start),
                until=None if other.end is None else _time(other.end),
                verdict=seen.verdict,
                told=words(seen.told),
            )
        )
    return found


def _decision(one: Revision, known: Configured, own: Told, joined: Sequence[Told]) -> DecisionBody:
    event = _event(own, joined, one.explained_by)
    told = _told(_WHY[one.why], one.via, known, event) if one.why else _ALONE
    return DecisionBody(
        revision=one.revision,
        decided_at=_time(one.decided_at),
        cause=one.explained_by,
        via=[name for name in one.via if name in known.sources],
        why=one.why,
        told=words(told),
    )


def _considered(last: Revision, others: Sequence[Other], known: Configured) -> list[ConsideredBody]:
    # Of its cause the stage has decided that, by more than is known here.
    down = [one for one in others if one.id == last.explained_by or _is_down(one)]
    found = []
    ordered = sorted(above(known, last.sources[0]).items(), key=lambda one: (one[1], one[0]))
    for name, steps in ordered:
        own = [one for one in down if one.sources[0] == name]
        # What is said of it is what speaks most for it.
        one = min(own, key=lambda each: _BEST.index(_verdict(each, last)), default=None)
        verdict = _verdict(one, last) if one else "not_down"
        since = None if one is None else from_datetime(one.start)
        until = None if one is None or one.end is None else from_datetime(one.end)
        found.append(
            ConsideredBody(
                source=name,
                name_vi=known.sources[name].name_vi,
                name_en=known.sources[name].name_en,
                steps=steps,
                incident=one and one.id,
                since=None if since is None else to_rfc3339(since),
                until=None if until is None else to_rfc3339(until),
                verdict=verdict,
                told=words(_VERDICTS[verdict]),
            )
        )
    return found


_BEST: tuple[Verdict, ...] = ("cause", "between", "possible", "over", "later", "not_down")


def _verdict(one: Other, last: Revision) -> Verdict:
    if one.id == last.explained_by:
        return "cause"
    if one.explained_by and one.explained_by == last.explained_by:
        return "between"
    if not began_with(from_datetime(one.start), from_datetime(last.start)):
        return "later"
    return "possible" if one.end is None else "over"


def _is_down(one: Other) -> bool:
    time = from_datetime(one.start)
    return is_down(
        Incident(
            one.id, one.kind, "", "live", "low", tuple(one.sources), "", "", time, time, None, 0,
            None,
        )
    )  # fmt: skip


def _told(said: Words, via: Sequence[str], known: Configured, event: Words) -> Words:
    """With the names of the cause and of the event, in each language."""
    source = known.sources.get(via[-1]) if via else None
    vi, en = (source.name_vi, source.name_en) if source else ("nguồn khác", "another source")
    return Words(
        said.vi.format(cause=vi or en, event=event.vi),
        said.en.format(cause=en or vi, event=event.en),
    )


def _time(time: datetime) -> str:
    return to_rfc3339(from_datetime(time))
