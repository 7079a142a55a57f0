"""Where a source is: a point, a line or an area; what is not known is absent, never 0, 0."""

from collections.abc import Sequence
from typing import Any

import msgspec
import shapely

from streams.events import Change, Place, Shape, Source
from streams.wards import as_named, spelled

LEAST_POINTS = {"line": 2, "area": 3}
MOST_POINTS = 1000


def fault(source: Source) -> str | None:
    """Why the source cannot be there."""
    place, told = source.place, source.shape
    if (place.latitude is None) != (place.longitude is None):
        return "give both latitude and longitude, or neither"
    points = [(place.latitude, place.longitude)] if place.latitude is not None else []
    if told:
        least = LEAST_POINTS[told.form]
        if not least <= len(told.points) <= MOST_POINTS:
            return f"{told.form}: give {least} to {MOST_POINTS} points"
        points += told.points
    for latitude, longitude in points:
        if latitude is None or longitude is None:
            continue
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            return (
                f"place {latitude}, {longitude}: latitude is from -90 to 90, longitude from -180"
                " to 180"
            )
    if told and _is_flat(shape := _geometry(told)):
        return f"{told.form}: {shapely.is_valid_reason(shape)}, or it has no extent"
    return None


def placed(source: Source) -> Source:
    """As it is to be stored: nowhere where that is not known, a line or an area with a point of
    it, where a map can show it, an area without its first corner once more at its end, and its
    ward as wards are spelled.
    """
    place, told = source.place, source.shape
    if told and told.form == "area" and len(told.points) > 3 and told.points[0] == told.points[-1]:
        source = msgspec.structs.replace(source, shape=Shape("area", told.points[:-1]))
    if place.latitude == 0 and place.longitude == 0:
        place = Place(None, None, place.segment)
    if place.latitude is None and place.longitude is None and source.shape and not fault(source):
        shape = _geometry(source.shape)
        if source.shape.form == "line":
            point = shapely.line_interpolate_point(shape, 0.5, normalized=True)
        else:
            point = shape.representative_point()
        place = Place(round(point.y, 6), round(point.x, 6), place.segment)
    return msgspec.structs.replace(source, place=place, ward=spelled(source.ward) or source.ward)


def in_named_ward(change: Change, wards: Sequence[str]) -> Change:
    """Of a source: in its ward as those spell it who were limited to it before; any other change as
    it is.

    Args:
        wards: that people were limited to before there was a source in them.
    """
    if not isinstance(change, Source) or not change.ward or not wards:
        return change
    return msgspec.structs.replace(change, ward=as_named(change.ward, wards))


def well_known_text(shape: Shape | None) -> str | None:
    """The shape as OGC well-known text, longitude before latitude; None where it is a point."""
    if shape is None:
        return None
    text: str = shapely.to_wkt(_geometry(shape), rounding_precision=7)
    return text


def _geometry(shape: Shape) -> Any:
    corners = [(longitude, latitude) for latitude, longitude in shape.points]
    return shapely.LineString(corners) if shape.form == "line" else shapely.Polygon(corners)


def _is_flat(shape: Any) -> bool:
    """Whether it crosses itself where it must not, or all its points are one."""
    extent = shape.length if shape.geom_type == "LineString" else shape.area
    return not shape.is_valid or extent == 0
