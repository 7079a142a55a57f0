"""Incidents as they were decided: every revision stays."""

from typing import Any
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb

from streams.events import SEVERITIES, Evidence, Incident, to_datetime
from streams.tables.table import INT4, ORIGIN, Column, Row, Table, text, within
from streams.topics import CORRELATED


def rows(event: Incident) -> tuple[Row]:
    place = event.place
    return (
        (
            UUID(event.id),
            within(event.revision, INT4),
            text(event.kind),
            text(event.rule),
            event.severity,
            event.origin,
            [text(source) for source in event.sources],
            text(event.zone),
            text(event.subject),
            to_datetime(event.start),
            to_datetime(event.decided_at),
            None if event.end is None else to_datetime(event.end),
            text(place.segment) or None if place else None,
            *((place and place.point) or (None, None)),
            text(event.evidence[0].model) if event.evidence else "",
            _json([_evidence(evidence) for evidence in event.evidence]),
            UUID(event.part_of) if event.part_of else None,
            None if event.unknown_since is None else to_datetime(event.unknown_since),
            event.scenery,
            UUID(event.explained_by) if event.explained_by else None,
            [text(source) for source in event.via],
            event.why,
        ),
    )


def _evidence(evidence: Evidence) -> dict[str, Any]:
    """With names, as an analyst reads it."""
    return {
        **msgspec.structs.asdict(evidence),
        "frame": msgspec.structs.asdict(evidence.frame) if evidence.frame else None,
        "boxes": [msgspec.structs.asdict(box) for box in evidence.boxes],
    }


def _json(value: Any) -> Jsonb:
    data = msgspec.json.encode(value)
    if rb"\u0000" in data:
        raise ValueError("the evidence holds a NUL, which the database cannot store")
    return Jsonb(data, dumps=bytes)


TABLE = Table(
    "incidents",
    "Every revision of every incident, in the order of decision; append-only",
    (
        Column("id", "uuid", "UUIDv5 of rule, source, zone, subject and start; the same in every"
               " replay"),
        Column("revision", "int4", "0: announced; each amendment, its end among them, one more"),
        Column("kind", "text", "What happened: id of the kind of incident"),
        Column("rule", "text", "Id of the rule that found it"),
        Column("severity", "text", f"From least to most: {', '.join(SEVERITIES)}"),
        Column("origin", "text", ORIGIN),
        Column("sources", "text[]", "Ids of the cameras and sensors that prove it, the first one"
               " first"),
        Column("zone", "text", "Id of the zone it lies in; empty: none"),
        Column("subject", "text", "What it is about within its source, such as a track; empty: the"
               " source itself"),
        Column("start_time", "timestamptz", "Event time at which it began (UTC)"),
        Column("decided_at", "timestamptz", "Event time at which this revision was proven (UTC)"),
        Column("end_time", "timestamptz", "Event time at which it ended, or became part of another"
               " (UTC); null: it lasts"),
        Column("segment", "text", "Id of the road segment; null: none known"),
        Column("latitude", "float8", "Where it is (degrees north, WGS 84); null: not known"),
        Column("longitude", "float8", "Where it is (degrees east, WGS 84); null: not known"),
        Column("model", "text", "Model behind the first evidence, name@version; empty: no model"
               " was asked"),
        Column("evidence", "jsonb", "What proves it: frames with boxes (tenths of a pixel, scores"
               " in thousandths), or series of [time (microseconds since 1970, UTC), value, score"
               " in thousandths]"),
        Column("part_of", "uuid", "Id of the incident that this one turned out to be part of; null:"
               " it is one of its own"),
        Column("unknown_since", "timestamptz", "Event time at which it was last proven, where its"
               " source was not heard since (UTC): nobody knows whether it lasts, or saw it end;"
               " null: its source was heard"),
        Column("scenery", "bool", "True: it ended because what proved it never moved and never came"
               " in"),
        Column("explained_by", "uuid", "Id of the incident that it is a consequence of, as what its"
               " source depends on is down, or that leads the event of which both tell; null: none"
               " is known, or it has outlasted that"),
        Column("via", "text[]", "Sources from its own to that incident's, each depending on the"
               " next, or joined to it; empty: it is no consequence"),
        Column("why", "text", "What was decided last of whether it is a consequence: depends (what"
               " it depends on is down), late (that was over when this was proven), again (it is"
               " down again), near or road (it tells of one event, near by or on the same road),"
               " outlasts (it is over, this lasts), off (nothing is); empty: nothing was"),
    ),
    lambda settings: settings.incident_retention_days,
    CORRELATED,
    Incident,
    rows,
)  # fmt: skip
