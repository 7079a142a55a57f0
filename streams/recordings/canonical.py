"""The canonical log of incidents: one order, one spelling, one digest.

Two runs over the same events give the same lines. So a line has only what events decide: not the
origin (a replay's is ``replayed``), nor where in Kafka a frame lies (a replay's log is another),
nor what people did. A loss of messages is a fact about a broker and not about the city; it has no
line either.

A line is a JSON object without spaces, in the shortest decimal spelling that reads back as the same
number (RFC 8259; what ``msgspec`` writes): those of ``FIELDS`` that are not at their default, in
that order. So a field that is added changes no line of an incident that does not use it. Lines are
sorted by the time at which they were decided, id and revision, and each ends with a line feed.

Before them stands the header, which the digest is of too: the version of the log, and what looked
at the pictures, where detections were made from them.

Version 1, of recordings up to format 2, has no header; its line is the array of all fields that
there were, and kinds have the names that they had then (``renames``).
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from streams.events import Evidence, Incident, Micros, Place
from streams.kinds.registry import UnknownKindError, find
from streams.recordings.renames import words

VERSION = 3
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
    "unknown_since",
    "scenery",
    "explained_by",
    "via",
    "why",
)
"""Of an incident; one that is added goes to the end, with a default."""
FIELDS_OF_1 = FIELDS[: FIELDS.index("part_of") + 1]
"""Version 1 has all of these, and never any other."""
_DEFAULTS: Mapping[str, Any] = {
    "revision": 0,
    "sources": [],
    "zone": "",
    "subject": "",
    "end": None,
    "place": None,
    "evidence": [],
    "part_of": "",
    "unknown_since": None,
    "scenery": False,
    "explained_by": "",
    "via": [],
    "why": "",
}
PROOF = ("source", "time", "model", "frame", "boxes", "zone", "metric", "series", "between")
"""Of a piece of evidence; ``frame`` is the picture's SHA-256. Additions as for ``FIELDS``."""
_PROOF_DEFAULTS: Mapping[str, Any] = {
    "model": "",
    "frame": None,
    "boxes": [],
    "zone": [],
    "metric": "",
    "series": [],
    "between": None,
}
PROOF_OF_1 = PROOF[: PROOF.index("series") + 1]
"""Version 1 has all of these."""
PLACE = ("latitude", "longitude", "segment")
_PLACE_DEFAULTS: Mapping[str, Any] = {"segment": ""}
_BOX = ("x0", "y0", "x1", "y1", "label", "score")
"""A box is an array of these in every version."""

_ENCODER = msgspec.json.Encoder()


def log(
    incidents: Iterable[Incident], after: Micros, until: Micros, version: int = VERSION
) -> list[bytes]:
    """Lines of what was decided in (``after``, ``until``], in order, without their line feeds.

    Args:
        version: of the log: its spelling and its words.
    """
    former = words(version)
    window = (i for i in incidents if after < i.decided_at <= until and about_city(i.kind))
    found = {
        (i.decided_at, i.id, i.revision, _line(i, former.get(i.kind, i.kind), version))
        for i in window
    }
    return [text for *_, text in sorted(found)]


def about_city(kind: str) -> bool:
    """Whether a replay finds incidents of the kind again; those of a kind that is gone it would."""
    try:
        return find(kind).replayed
    except UnknownKindError:
        return True


def header(version: int = VERSION, seen_by: str = "") -> bytes | None:
    """The first line; None in version 1.

    Args:
        seen_by: ``machine.seen_by()`` of the machine that made the detections from pictures;
            empty: the detections were given.
    """
    if version == 1:
        return None
    said: dict[str, Any] = {"log": version}
    return _ENCODER.encode({**said, "seen_by": seen_by} if seen_by else said)


def whole(lines: Iterable[bytes], version: int = VERSION, seen_by: str = "") -> list[bytes]:
    """The log with its header."""
    first = header(version, seen_by)
    return [*lines] if first is None else [first, *lines]


def digest(lines: Iterable[bytes], version: int = VERSION, seen_by: str = "") -> str:
    """sha256, in hex, of the whole log with its line feeds; arguments as for ``header``."""
    found = hashlib.sha256()
    for text in whole(lines, version, seen_by):
        found.update(text + b"\n")
    return found.hexdigest()


def row(line: bytes | str) -> dict[str, Any]:
    """The fields of a line of any version, by name; a piece of evidence is an array of ``PROOF``.

    Raises msgspec.DecodeError, or ValueError, where it is no line.
    """
    values = msgspec.json.decode(line)
    if isinstance(values, list):
        known = dict(zip(FIELDS_OF_1, values, strict=True))
        since = [_PROOF_DEFAULTS.get(name) for name in PROOF[len(PROOF_OF_1) :]]
        known["evidence"] = [[*proof, *since] for proof in known["evidence"]]
        return {name: known.get(name, _DEFAULTS.get(name)) for name in FIELDS}
    found = {name: values.get(name, _DEFAULTS.get(name)) for name in FIELDS}
    found["evidence"] = [
        [proof.get(name, _PROOF_DEFAULTS.get(name)) for name in PROOF]
        for proof in found["evidence"]
    ]
    return found


def kinds(lines: Iterable[bytes]) -> dict[str, int]:
    """How many lines there are of each kind of incident, by name."""
    found = Counter(row(text)["kind"] for text in lines)
    return dict(sorted(found.items()))


def _line(incident: Incident, kind: str, version: int) -> bytes:
    values = {name: getattr(incident, name) for name in FIELDS}
    values["kind"] = kind
    values["sources"] = list(incident.sources)
    values["via"] = list(incident.via)
    proofs = [_proof(evidence) for evidence in incident.evidence]
    place = incident.place and _place(incident.place)
    if version == 1:
        values["evidence"] = [[proof[name] for name in PROOF_OF_1] for proof in proofs]
        values["place"] = place and list(place.values())
        return _ENCODER.encode([values[name] for name in FIELDS_OF_1])
    values["evidence"] = [_used(proof, _PROOF_DEFAULTS) for proof in proofs]
    values["place"] = place and _used(place, _PLACE_DEFAULTS)
    return _ENCODER.encode(_used(values, _DEFAULTS))


def _proof(evidence: Evidence) -> dict[str, Any]:
    values = {name: getattr(evidence, name) for name in PROOF}
    values["frame"] = evidence.frame.sha256 if evidence.frame else None
    values["boxes"] = [[getattr(box, name) for name in _BOX] for box in evidence.boxes]
    values["zone"] = list(evidence.zone)
    values["series"] = list(evidence.series)
    values["between"] = evidence.between and list(evidence.between)
    return values


def _place(place: Place) -> dict[str, Any]:
    return {name: getattr(place, name) for name in PLACE}


def _used(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Those that are not at their default."""
    absent = object()
    return {name: value for name, value in values.items() if value != defaults.get(name, absent)}
