"""Deterministic identity of incidents."""

from uuid import UUID, uuid5

from streams.events import Micros

_INCIDENTS = UUID("5c3f0c1e-6f0a-5b53-9c47-0a7d3f1f6e11")


def incident_id(rule: str, source: str, zone: str, subject: str, start: Micros) -> str:
    """UUIDv5 of (rule, source, zone, subject such as the track, start event time)."""
    return str(uuid5(_INCIDENTS, "\x1f".join((rule, source, zone, subject, str(start)))))
