"""Where what an alert is about lies, if that is an area: a district, a quay, a school's ground."""

from services.alerts.store import SQL, Connection

Outline = tuple[tuple[float, float], ...]
"""Latitude and longitude (degrees) of its corners, the first again at the end; empty: it is none,
or not known."""


def outline_of(connection: Connection, source: str) -> Outline:
    """Of a source, as it is configured now."""
    row = connection.execute(SQL["outline_of"], {"source": source}).fetchone()
    return () if row is None else read(row[0])


def read(text: str) -> Outline:
    """Of well-known text (``streams.configuration.places``): longitude first, and no holes."""
    inside = text.partition("((")[2].partition(")")[0]
    corners = (corner.split() for corner in inside.split(",") if corner.strip())
    return tuple((float(latitude), float(longitude)) for longitude, latitude in corners)
