"""The canonical log of incidents: one order, one spelling, one digest.

Two runs over the same events give the same lines. So a line has only what events decide: not the
origin (a replay's is ``replayed``), nor where in Kafka a frame lies (a replay's log is another),
nor what people did. A loss of messages is a fact about a broker and not about the city; it has no
line either.

A line is the JSON array of ``FIELDS``, without spaces, in the shortest decimal spelling that reads
back as the same number (RFC 8259; what ``msgspec`` writes). Lines are sorted by the time at which
they were decided, id and revision, and each ends with a line feed.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from streams.events import Evidence, Incident, Micros
from streams.kinds.kind import Watches
from streams.kinds.registry import is_watching
from streams.recordings.renames import words

VERSION = 1
"""Of the log that is written."""

FIELDS = (
    "decided_at",
    "id",
    "revision",
    "kind",
    "rule",
    "severity",
    "sources",
    "zone",
    "subject",
    "start",
    "end",
    "place",
    "evidence",
    "part_of",
)

_ENCODER = msgspec.json.Encoder()


def log(
    incidents: Iterable[Incident], after: Micros, until: Micros, version: int = VERSION
) -> list[bytes]:
    """Lines of what was decided in (``after``, ``until``], in order, without their line feeds.

    Args:
        version: of the log, whose words are used.
    """
    former = words(version)
    window = (i for i in incidents if after < i.decided_at <= until and about_city(i.kind))
    found = {(i.decided_at, i.id, i.revision, line(i, former.get(i.kind, i.kind))) for i in window}
    return [text for *_, text in sorted(found)]


def about_city(kind: str) -> bool:
    """Whether the kind says something of the city, and not of the system that watches it."""
    return not is_watching(kind, Watches.SYSTEM)


def line(incident: Incident, kind: str) -> bytes:
    values: dict[str, Any] = {name: getattr(incident, name) for name in FIELDS}
    values["kind"] = kind
    values["evidence"] = [_proof(evidence) for evidence in incident.evidence]
    return _ENCODER.encode(list(values.values()))


def digest(lines: Iterable[bytes]) -> str:
    """sha256, in hex, of the lines with their line feeds."""
    whole = hashlib.sha256()
    for text in lines:
        whole.update(text + b"\n")
    return whole.hexdigest()


def kinds(lines: Iterable[bytes]) -> dict[str, int]:
    """How many lines there are of each kind of incident, by name."""
    place = FIELDS.index("kind")
    found = Counter(msgspec.json.decode(text)[place] for text in lines)
    return dict(sorted(found.items()))


def _proof(evidence: Evidence) -> list[Any]:
    frame = evidence.frame.sha256 if evidence.frame else None
    return [
        evidence.source,
        evidence.time,
        evidence.model,
        frame,
        evidence.boxes,
        evidence.zone,
        evidence.metric,
        evidence.series,
    ]
