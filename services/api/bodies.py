"""What the API sends: alerts as people and programs read them. Times are RFC 3339, UTC."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from services.alerts import kinds
from services.alerts.alert import Alert, Last, State, Tick
from services.alerts.area import Shown
from services.alerts.commands import UNDONE
from services.alerts.exhibits import Exhibit
from services.alerts.handbook import Page
from services.alerts.holding import Because
from services.alerts.priority import Priority
from services.alerts.rationale import Rationale
from services.alerts.runbooks import Runbook, prose, steps
from services.alerts.store import Recorded, kind_of
from services.alerts.suppressions import Kind, Scope, Suppression
from services.alerts.transitions import (
    Absorbed,
    AlertEvent,
    Assigned,
    Disposition,
    Explained,
    Joined,
    Linked,
    Manner,
    Raised,
    Released,
    Repeated,
    Shelved,
    Stepped,
    Suppressed,
    TransitionKind,
    Unlinked,
)
from services.api.joined import how
from streams.events import Micros, Origin, Place, Severity, Shape, to_rfc3339
from streams.events.incidents import Why
from streams.kinds.registry import present
from streams.words import Words

_WHOLE = ConfigDict(json_schema_serialization_defaults_required=True)
"""What has a default is sent all the same."""


class WordsBody(BaseModel):
    vi: str
    en: str


class BoxBody(BaseModel):
    """In pixels of the original picture; score 0–1."""

    x0: float
    y0: float
    x1: float
    y1: float
    label: str
    score: float


class FrameBody(BaseModel):
    """The exact frame: where it lay in the log, and what its bytes hash to."""

    partition: int
    offset: int
    sha256: str


class SampleBody(BaseModel):
    time: str
    value: float | None
    score: float | None = Field(description="How unusual it is, 0–1; null: not scored")


class EvidenceBody(BaseModel):
    model_config = _WHOLE
    model: str = Field(description="The model's name; empty: no model was asked")
    version: str = Field(description="The model's version")
    picture: str | None = Field(
        description="Address of the picture with boxes, zone, model and time drawn on it (cameras)"
        " or of the readings as a chart (sensors); null: there is none, see `missing`"
    )
    source: str
    time: str
    frame: FrameBody | None = None
    boxes: list[BoxBody] = []
    zone: list[tuple[float, float]] = Field(
        [],
        description="A polygon, or a line where it has two corners, in fractions of the picture's"
        " width and height; empty: the whole picture, or no picture",
    )
    metric: str = ""
    series: list[SampleBody] = []
    between: tuple[float, float] | None = Field(
        None,
        description="The values between which the last reading was expected; null: nobody knows, or"
        " its rule has a limit that says so",
    )
    missing: str | None = Field(None, description="Why the frame could not be kept")


class PlaceBody(BaseModel):
    latitude: float | None = Field(description="Degrees north, WGS 84; null: not known")
    longitude: float | None = Field(description="Degrees east, WGS 84; null: not known")
    segment: str = Field(description="Road segment; empty: none known")

    @classmethod
    def of(cls, place: Place) -> "PlaceBody":
        latitude, longitude = place.point or (None, None)
        return cls(latitude=latitude, longitude=longitude, segment=place.segment)


class ShapeBody(BaseModel):
    """The shape of an asset that is no point."""

    model_config = ConfigDict(extra="forbid")
    form: Literal["line", "area"]
    points: list[tuple[float, float]] = Field(
        max_length=1000, description="Latitude and longitude of each, in order"
    )

    @classmethod
    def of(cls, shape: Shape | None) -> "ShapeBody | None":
        return cls(form=shape.form, points=list(shape.points)) if shape else None

    def to_event(self) -> Shape:
        return Shape(self.form, tuple(self.points))


class NamesBody(BaseModel):
    """In Vietnamese and English, as configured when it happened."""

    kind_vi: str
    kind_en: str
    source_vi: str
    source_en: str
    zone_vi: str
    zone_en: str


class CapBody(BaseModel):
    """As in CAP 1.2; what is not live is an exercise."""

    status: str
    urgency: str
    severity: str
    certainty: str


class PriorityBody(BaseModel):
    """How urgent it is, and which row of the table of priorities says so."""

    level: Priority = Field(description="1: at once … 4: when there is time")
    row: str | None = Field(
        description="Null: an earlier release stored it, so it goes by its severity, or it is"
        " another ward's"
    )
    table: int = Field(description="Version of the table; 0: the default")
    dependents: int = Field(description="How many assets depended on its sources then")


class ShelfBody(BaseModel):
    by: str
    at: str
    until: str = Field(description="Event time at which it comes back by itself")
    reason: str


class SuppressionBody(BaseModel):
    """Why a source, a rule or a ward asks for nothing."""

    id: str
    kind: Kind = Field(
        description="`out_of_service`: under repair until somebody returns it; `maintenance`: a"
        " planned window (in ISA-18.2 suppressed by design)"
    )
    scope: Scope
    subject: str = Field(description="Id of the source or rule, or the ward's name")
    begin: str
    until: str | None = Field(description="Event time; null: nobody knows yet")
    by: str
    reason: str
    ended_by: str | None = Field(description="Who ended it; null: nobody did")
    ended_reason: str | None


class UndoBody(BaseModel):
    """What somebody did last, and may take back."""

    by: str
    kind: TransitionKind


class AlertBody(BaseModel):
    """An alert as it is now."""

    id: str
    version: int = Field(description="Rises by one with every transition")
    kind: str
    category: str = Field(description="Smart Data Models Alert")
    sub_category: str | None = Field(serialization_alias="subCategory")
    origin: Origin
    source: str
    sources: list[str]
    outside: int = Field(
        description="How many of its sources are outside your area: nothing more is said of them"
    )
    own: bool = Field(
        description="False: its first source is outside your area, and so is what is done about it;"
        " source, rule, zone and subject are empty"
    )
    zone: str
    rule: str
    subject: str
    severity: Severity
    priority: PriorityBody
    cap: CapBody
    state: State = Field(description="ISA-18.2, or resolved")
    active: bool = Field(description="Whether the condition is there")
    count: int = Field(
        description="Occurrences, each within ten minutes of the last; none that was past when it"
        " was heard of"
    )
    event_time: str = Field(description="Start of the first occurrence")
    latest_time: str = Field(description="Start of the latest occurrence")
    decided_at: str = Field(description="When the latest occurrence was proven (event time)")
    ended: str | None = Field(description="When the condition returned to normal")
    acknowledged_by: str | None
    acknowledged_at: str | None
    resolved_by: str | None
    resolved_at: str | None
    merged_into: str | None = Field(description="The alert that goes on in its place")
    stalled_since: str | None = Field(
        description="Where event time had stalled when the streams last said anything of this"
        " alert: an end, or a merge, decided later may be missing; null: it went on"
    )
    unknown_since: str | None = Field(
        description="When the condition was last proven, where its source is not heard: nobody"
        " knows whether it lasts; null: it does, or it is over"
    )
    flapping_since: str | None = Field(
        description="Start of the first of its occurrences that flap: three or more that begin"
        " within five minutes, each after the end of the one before. While it flaps an"
        " acknowledgement stands, unless it becomes more severe; null: it does not flap"
    )
    active_since: str | None = Field(
        description="Since when the condition has been there without a break; null: it is not, or"
        " an earlier release stored it. For longer than 24 hours: stale"
    )
    shelf: ShelfBody | None = Field(description="Null: it is not shelved")
    suppressions: list[SuppressionBody] = Field(description="In force")
    assigned_to: str | None = Field(description="User who sees to it; null: nobody")
    disposition: Disposition = Field(
        description="What it turned out to be; empty: nobody has said, or it is not closed"
    )
    resolution: str | None = Field(description="What was said when it was closed")
    links: list[str] = Field(description="Ids of alerts that have to do with it")
    undo: UndoBody | None = Field(description="Null: there is nothing to be taken back")
    consequence_of: str | None = Field(
        description="The alert of which it is a consequence, or was until it ended, as what its"
        " source depends on is down, or that leads the event of which both tell: so it asks for"
        " nothing; null: of none"
    )
    why: Why = Field(
        description="What was decided last of whether it is a consequence: `depends`, what it"
        " depends on is down; `late`, that was over when this was proven; `again`, that is down"
        " again; `near`, `road`, it tells of the same event, near by or on the same road;"
        " `outlasts`, that is over and this lasts; `off`, nothing is explained; empty:"
        " nothing was decided"
    )
    consequence_count: int | None = Field(
        description="How many alerts are consequences of it, or were until they ended; null: in the"
        " live stream, where they are not counted"
    )
    place: PlaceBody | None
    names: NamesBody
    evidence: EvidenceBody | None = Field(description="Of the latest occurrence")


class TransitionBody(BaseModel):
    """One line of an alert's timeline."""

    model_config = _WHOLE

    sequence: int = Field(description="Place in the order of commit; the live stream's event id")
    version: int
    kind: TransitionKind = Field(description="`raised` to `explained` by incidents")
    time: str
    recorded_at: str
    actor: str | None = Field(description="User; null: an incident caused it")
    comment: str | None
    incident: str | None
    into: str | None = Field(
        None,
        description="Merged: the alert that goes on in its place. Explained: the alert of which it"
        " is a consequence; null: of none any more",
    )
    why: Why = Field("", description="Explained: why, as of the alert")
    picture: str | None = Field(None, description="Evidence of this occurrence")
    stalled_since: str | None = Field(
        None, description="Where event time had stalled when this was announced; null: it went on"
    )
    since: str | None = Field(
        None,
        description="Unknown: when it was last proven. Repeated, and past: when it began",
    )
    until: str | None = Field(
        None, description="Repeated, and past: when it ended. Shelved: when it comes back"
    )
    because: Because | Literal["time", "person"] | None = Field(
        None,
        description="Asked, and repeated anew: what is new since it was acknowledged. Unshelved:"
        " the time was up (`time`), it became worse (`severity`), or somebody took it (`person`)."
        " Parted: the last two",
    )
    disposition: Disposition | None = Field(None, description="Resolved: what it turned out to be")
    to: str | None = Field(
        None,
        description="Assigned: to whom. Linked, unlinked, joined, absorbed, released: the other"
        " alert's id",
    )
    step: int | None = Field(None, description="Stepped: which step of its runbook")
    done: bool | None = Field(None, description="Stepped: it is done, or is not any more")
    suppression: SuppressionBody | None = None
    manner: Manner | None = Field(
        None,
        description="Repeated: `anew`, it asks to be acknowledged; `flapping`, the alert flaps and"
        " stays acknowledged; `held`, it comes again soon after that, or is shelved or suppressed;"
        " `past`, it was over, before the alert was acknowledged or closed,"
        " when it was heard of, and changes nothing",
    )
    unseen: bool = Field(
        False,
        description="Returned: nobody saw it end, since its source was not heard; it is over as of"
        " when it was last proven",
    )
    scenery: bool = Field(
        False, description="Returned: what proved it never moved and never came in"
    )


class RationaleBody(BaseModel):
    """Of one kind of incident, as ISA-18.2 (clause 8) asks."""

    kind: str
    name: WordsBody
    rule: str = Field(description="What raised it; the kind's own id where the system did")
    why: WordsBody | None = Field(
        description="With the rule's values as they were when it was proven; null: they are not"
        " all known"
    )
    cause: WordsBody
    consequence: WordsBody
    response: WordsBody


class RunbookContact(BaseModel):
    name: str
    phone: str
    note: str


class StepBody(BaseModel):
    number: int
    words: WordsBody
    done_by: str | None = Field(description="Null: it is not done")
    done_at: str | None


class RunbookBody(BaseModel):
    """What is to be done about alerts of a kind."""

    kind: str
    version: int = Field(description="0: the one that comes with CityOps")
    text: WordsBody = Field(description="Markdown, without its steps")
    steps: list[StepBody]
    contacts: list[RunbookContact]
    by: str | None = Field(description="Who wrote this version")
    time: str | None
    reason: str | None

    @classmethod
    def of(
        cls, kind: str, book: Runbook, page: Page | None, ticks: Mapping[int, Tick]
    ) -> "RunbookBody":
        return cls(
            kind=kind,
            version=page.version if page else 0,
            text=WordsBody(vi=prose(book.vi), en=prose(book.en)),
            steps=[
                StepBody(
                    number=step.number,
                    words=words(step.words),
                    done_by=ticks[step.number].by if step.number in ticks else None,
                    done_at=to_rfc3339(ticks[step.number].at) if step.number in ticks else None,
                )
                for step in steps(book)
            ],
            contacts=[RunbookContact(**msgspec.structs.asdict(one)) for one in book.contacts],
            by=page.by if page else None,
            time=to_rfc3339(page.time) if page else None,
            reason=page.reason if page else None,
        )


class LinkedBody(BaseModel):
    """Another alert: a consequence of this one, or its cause."""

    id: str
    kind: str
    source: str
    names: NamesBody
    severity: Severity
    state: State
    active: bool
    since: str = Field(description="Start of its latest occurrence")
    ended: str | None
    why: Why
    how: WordsBody | None = Field(
        description="How the two have to do with each other: `depends on it`, `40 m away`"
    )

    @classmethod
    def of(cls, seen: Shown, beside: Alert, why: Why) -> "LinkedBody":
        """Args: why: of that of the two which is explained."""
        fields, said = _fields(seen), how(why, seen.alert.place, beside.place)
        return cls(
            **{name: fields[name] for name in cls.model_fields if name not in ("since", "how")},
            since=fields["latest_time"],
            how=None if said is None else words(said),
        )


class AlertDetail(AlertBody):
    """With everything that happened to it, oldest first."""

    rationale: RationaleBody | None = Field(
        description="Of its latest occurrence; null: this installation no longer has its kind"
    )
    members: list[RationaleBody] = Field(
        description="Of what other incidents that became part of it were raised for"
    )
    runbook: RunbookBody | None = Field(
        description="What is to be done, step by step, with who did what; null: this installation"
        " no longer has its kind, or it is another ward's"
    )
    exhibits: list[EvidenceBody] = Field(description="All evidence of the latest occurrence")
    cause: LinkedBody | None = Field(
        description="What it is a consequence of; null: of nothing, or of nothing that you may see"
    )
    consequences: list[LinkedBody] = Field(
        description="Those that are consequences of it, the longest first; at most 1000"
    )
    timeline: list[TransitionBody]


class AlertPage(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"alerts": [], "next": None, "last_event_id": 4711, "flapping": 2, "stale": 1}
            ]
        }
    )
    alerts: list[AlertBody]
    next: str | None = Field(description="Cursor of the next page; null: this is the last")
    last_event_id: int = Field(
        description="The list holds every transition up to this one: open /api/events with it, and"
        " none is missed or seen twice"
    )
    counts: dict[str, int] = Field(description="How many alerts match, by state")
    flapping: int = Field(description="How many open alerts flap now, whatever the filters")
    stale: int = Field(description="How many have been there for longer than a day, likewise")


class StreamedBody(BaseModel):
    """Data of an `alert` event of the live stream."""

    transition: TransitionBody
    alert: AlertBody = Field(description="As it is now; its version may be ahead of the transition")


def body(seen: Shown, consequences: int | None = None) -> AlertBody:
    return AlertBody(**_fields(seen, consequences))


def detail(
    seen: Shown,
    timeline: list[Recorded],
    rationale: Rationale | None,
    members: list[Rationale],
    *,
    runbook: RunbookBody | None = None,
    cause: Shown | None = None,
    consequences: Sequence[Shown] = (),
) -> AlertDetail:
    alert = seen.alert
    return AlertDetail(
        **_fields(seen, len(consequences)),
        cause=cause and LinkedBody.of(cause, alert, alert.why),
        consequences=[LinkedBody.of(one, alert, one.alert.why) for one in consequences],
        rationale=rationale and _rationale(rationale),
        members=[_rationale(one) for one in members],
        runbook=runbook,
        exhibits=[
            _evidence(alert.id, one, n, version)
            for n, (one, version) in enumerate(zip(alert.evidence, _since(timeline), strict=True))
        ],
        timeline=[transition(line) for line in timeline],
    )


def words(words: Words) -> WordsBody:
    return WordsBody(vi=words.vi, en=words.en)


def _rationale(one: Rationale) -> RationaleBody:
    return RationaleBody(
        kind=one.kind.id,
        name=words(one.kind.name),
        rule=one.rule,
        why=one.why and words(one.why),
        cause=words(one.cause),
        consequence=words(one.kind.consequence),
        response=words(one.response),
    )


def _since(timeline: list[Recorded]) -> list[int]:
    """Of each exhibit that the alert has now: the version from which on it has it."""
    versions: list[int] = []
    for line in timeline:
        event = line.transition.event
        if isinstance(event, Repeated) and event.manner == "past":
            continue
        if isinstance(event, Raised | Repeated):
            versions = []
        versions += [line.transition.version] * len(getattr(event, "evidence", ()))
    return versions


def transition(line: Recorded) -> TransitionBody:
    event = line.transition.event
    past = event if isinstance(event, Repeated) and event.manner == "past" else None
    # What an alert shows of itself is its latest occurrence.
    shown = event.evidence if isinstance(event, Raised | Repeated) and not past else ()
    address = _picture(line.transition.alert, 0, shown[0]) if shown else None
    return TransitionBody(
        sequence=line.sequence,
        version=line.transition.version,
        kind=kind_of(event),
        time=to_rfc3339(line.transition.time),
        recorded_at=to_rfc3339(line.recorded_at),
        actor=line.transition.actor or None,
        comment=getattr(event, "comment", None) or None,
        incident=getattr(event, "incident", None),
        into=getattr(event, "into", None) or None,
        picture=f"{address}?version={line.transition.version}" if address else None,
        stalled_since=time_or_none(line.transition.stalled_since),
        since=time_or_none(past.start if past else getattr(event, "since", None)),
        until=time_or_none(
            past.end if past else event.until if isinstance(event, Shelved) else None
        ),
        because=getattr(event, "because", None) or None,
        disposition=getattr(event, "disposition", None) or None,
        to=_to(event),
        step=event.step if isinstance(event, Stepped) else None,
        done=event.done if isinstance(event, Stepped) else None,
        suppression=suppression(event.suppression) if isinstance(event, Suppressed) else None,
        manner=event.manner if isinstance(event, Repeated) else None,
        unseen=getattr(event, "unseen", False),
        scenery=getattr(event, "scenery", False),
        why=event.why if isinstance(event, Explained) else "",
    )


def _to(event: AlertEvent) -> str | None:
    match event:
        case Assigned(to=to):
            return to or None
        case (
            Linked(other=other)
            | Unlinked(other=other)
            | Absorbed(other=other)
            | Released(other=other)
            | Joined(into=other)
        ):
            return other
        case _:
            return None


def suppression(one: Suppression) -> SuppressionBody:
    return SuppressionBody(
        id=one.id,
        kind=one.kind,
        scope=one.scope,
        subject=one.subject,
        begin=to_rfc3339(one.begin),
        until=time_or_none(one.until),
        by=one.by,
        reason=one.reason,
        ended_by=one.ended_by or None,
        ended_reason=one.ended_reason or None,
    )


def _undo(last: Last | None, version: int) -> UndoBody | None:
    if last is None or last.version != version or last.kind not in UNDONE:
        return None
    kind: Any = last.kind
    return UndoBody(by=last.by, kind=kind)


def streamed_body(line: Recorded, seen: Shown) -> StreamedBody:
    return StreamedBody(transition=transition(line), alert=body(seen))


def _fields(seen: Shown, consequences: int | None = None) -> dict[str, Any]:
    alert = seen.alert
    kind, names = kinds.of(alert.kind), alert.names
    place = alert.place
    return {
        "id": alert.id,
        "version": alert.version,
        "kind": present(alert.kind),
        "category": kind.category,
        "sub_category": kind.sub_category,
        "origin": alert.origin,
        "source": alert.source,
        "sources": list(alert.sources),
        "outside": seen.outside,
        "own": seen.own,
        "zone": alert.zone,
        "rule": alert.rule,
        "subject": alert.subject,
        "severity": alert.severity,
        "priority": PriorityBody(
            level=alert.priority,
            row=(alert.given and alert.given.row) or None,
            table=alert.given.table if alert.given else 0,
            dependents=alert.given.dependents if alert.given else 0,
        ),
        "cap": CapBody(
            status="Actual" if alert.origin == "live" else "Exercise",
            urgency=kinds.urgency(alert.severity, alert.active),
            severity=kinds.cap_severity(alert.severity),
            certainty=kind.certainty,
        ),
        "state": alert.state,
        "active": alert.active,
        "count": alert.count,
        "event_time": to_rfc3339(alert.event_time),
        "latest_time": to_rfc3339(alert.latest_time),
        "decided_at": to_rfc3339(alert.decided_at),
        "ended": time_or_none(alert.ended),
        "acknowledged_by": alert.acknowledged_by or None,
        "acknowledged_at": time_or_none(alert.acknowledged_at),
        "resolved_by": alert.resolved_by or None,
        "resolved_at": time_or_none(alert.resolved_at),
        "merged_into": alert.merged_into or None,
        "stalled_since": time_or_none(alert.stalled_since),
        "unknown_since": time_or_none(alert.unknown_since),
        "flapping_since": time_or_none(alert.flapping_since),
        "active_since": time_or_none(alert.active_since),
        "shelf": alert.shelf
        and ShelfBody(
            by=alert.shelf.by,
            at=to_rfc3339(alert.shelf.at),
            until=to_rfc3339(alert.shelf.until),
            reason=alert.shelf.reason,
        ),
        "suppressions": [suppression(one) for one in alert.suppressions.values()],
        "assigned_to": alert.assigned_to or None,
        "disposition": alert.disposition,
        "resolution": alert.resolution or None,
        "links": list(alert.links),
        "undo": _undo(alert.last, alert.version),
        "consequence_of": alert.consequence_of or None,
        "why": alert.why,
        "consequence_count": consequences,
        "place": place and PlaceBody.of(place),
        "names": NamesBody(
            kind_vi=kind.name_vi,
            kind_en=kind.name_en,
            source_vi=names.source_vi,
            source_en=names.source_en,
            zone_vi=names.zone_vi,
            zone_en=names.zone_en,
        ),
        "evidence": _evidence(alert.id, alert.evidence[0], 0) if alert.evidence else None,
    }


def _evidence(
    alert: str, exhibit: Exhibit, number: int, version: int | None = None
) -> EvidenceBody:
    """With a version the picture's address is its own for good."""
    frame = exhibit.frame
    picture = _picture(alert, number, exhibit)
    if picture and version:
        picture += f"{'&' if '?' in picture else '?'}version={version}"
    return EvidenceBody(
        model=exhibit.model_name,
        version=exhibit.model_version,
        picture=picture,
        source=exhibit.source,
        time=to_rfc3339(exhibit.time),
        frame=None
        if frame is None
        else FrameBody(partition=frame.partition, offset=frame.offset, sha256=frame.sha256),
        boxes=[
            BoxBody(x0=b.x0, y0=b.y0, x1=b.x1, y1=b.y1, label=b.label, score=b.score)
            for b in exhibit.boxes
        ],
        zone=list(exhibit.zone),
        metric=exhibit.metric,
        series=[
            SampleBody(time=to_rfc3339(s.time), value=s.value, score=s.score)
            for s in exhibit.series
        ],
        between=exhibit.between,
        missing=exhibit.missing or None,
    )


def _picture(alert: str, number: int, exhibit: Exhibit) -> str | None:
    if exhibit.missing or not (exhibit.frame or exhibit.series):
        return None
    return f"/api/alerts/{alert}/picture" + (f"?exhibit={number}" if number else "")


def time_or_none(time: Micros | None) -> str | None:
    return None if time is None else to_rfc3339(time)
