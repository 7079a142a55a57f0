"""Where a source is: a point, a line, an area, or not known; and what it depends on."""

import math
from typing import Any

import msgspec
import pytest

from streams.configuration.check import InvalidChangeError, check, whole
from streams.configuration.configured import folded
from streams.configuration.places import well_known_text
from streams.events import (
    NOWHERE,
    Change,
    ControlChange,
    Place,
    Removed,
    Shape,
    Source,
    decode,
    encode,
)

ROAD = Shape("line", ((20.85, 106.68), (20.86, 106.68), (20.87, 106.68)))
BLOCK = Shape("area", ((20.85, 106.68), (20.86, 106.68), (20.86, 106.70), (20.85, 106.70)))


def source(id: str = "cam-1", **fields: Any) -> Source:
    return msgspec.structs.replace(
        Source(id, "camera", "Ngã tư", "Crossroads", "live", Place(20.86, 106.68)), **fields
    )


def stored(*changes: Change) -> list[Source]:
    """As they are stored, each checked under those before it."""
    log: list[ControlChange] = []
    for number, change in enumerate(changes, 1):
        as_it_is_stored = whole(change)
        check(folded(log), as_it_is_stored)
        log.append(ControlChange(number, number, as_it_is_stored))
    return list(folded(log).sources.values())


@pytest.mark.parametrize(
    "place", [NOWHERE, Place(0.0, 0.0), Place(-0.0, 0.0), Place(0, 0)], ids=str
)
@pytest.mark.parametrize("segment", ["", "le-hong-phong"])
def test_what_is_not_known_is_absent_and_no_point_in_the_sea(place: Place, segment: str) -> None:
    (found,) = stored(source(place=msgspec.structs.replace(place, segment=segment)))
    assert found.place == Place(None, None, segment)
    assert found.place.point is None


@pytest.mark.parametrize("place", [Place(0.0, 106.68), Place(20.86, 0.0), Place(-33.9, 151.2)])
def test_a_point_on_the_equator_is_one(place: Place) -> None:
    (found,) = stored(source(place=place))
    assert found.place.point == (place.latitude, place.longitude)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (Place(None, 106.0), "both latitude and longitude"),
        (Place(20.0, None), "both latitude and longitude"),
        (Place(90.1, 106.0), "latitude is from"),
        (Place(20.0, -180.1), "longitude from"),
        (Place(math.nan, 106.0), "latitude is from"),
        (Place(20.0, math.inf), "longitude from"),
    ],
    ids=str,
)
def test_a_point_that_cannot_be_is_refused(place: Place, said: str) -> None:
    with pytest.raises(InvalidChangeError, match=said):
        stored(source(place=place))


@pytest.mark.parametrize(
    ("shape", "point"), [(ROAD, (20.86, 106.68)), (BLOCK, (20.855, 106.69))], ids=["line", "area"]
)
def test_a_line_or_an_area_has_a_point_for_the_map(
    shape: Shape, point: tuple[float, float]
) -> None:
    (found,) = stored(source(place=NOWHERE, shape=shape))
    assert found.place.point == pytest.approx(point)
    (kept,) = stored(source(place=Place(20.851, 106.68), shape=shape))
    assert kept.place.point == (20.851, 106.68)


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (Shape("line", ()), "line: give 2 to 1000 points"),
        (Shape("line", ROAD.points[:1]), "line: give 2 to 1000 points"),
        (Shape("line", (ROAD.points[0],) * 2), "no extent"),
        (Shape("line", ROAD.points * 400), "line: give 2 to 1000 points"),
        (Shape("area", BLOCK.points[:2]), "area: give 3 to 1000 points"),
        (Shape("area", ROAD.points), "no extent"),
        (Shape("area", (BLOCK.points[0], BLOCK.points[2], BLOCK.points[1], BLOCK.points[3])),
         "Self-intersection"),
        (Shape("area", (*BLOCK.points[:3], (91.0, 106.0))), "latitude is from"),
        (Shape("line", (ROAD.points[0], (math.nan, 106.0))), "latitude is from"),
    ],
)  # fmt: skip
def test_a_shape_that_cannot_be_is_refused(shape: Shape, said: str) -> None:
    with pytest.raises(InvalidChangeError, match=said):
        stored(source(shape=shape))


def test_a_shape_is_well_known_text_with_longitude_first() -> None:
    assert well_known_text(None) is None
    assert well_known_text(ROAD) == "LINESTRING (106.68 20.85, 106.68 20.86, 106.68 20.87)"
    text = well_known_text(BLOCK)
    assert text
    assert text.startswith("POLYGON ((106.68 20.85, ")


def test_what_a_source_depends_on_is_there_and_never_itself() -> None:
    station, box = source("station"), source("box", parents=("station",))
    camera = source(parents=("box", "station"))
    assert stored(station, box, camera)[-1].parents == ("box", "station")
    with pytest.raises(InvalidChangeError, match="parent 'box' does not exist"):
        stored(station, camera)
    with pytest.raises(InvalidChangeError, match="depend on itself"):
        stored(source(parents=("cam-1",)))
    with pytest.raises(InvalidChangeError, match="depend on itself"):
        stored(station, box, camera, source("station", parents=("cam-1",)))
    with pytest.raises(InvalidChangeError, match="each once"):
        stored(station, source(parents=("station", "station")))
    with pytest.raises(InvalidChangeError, match="box depends on station"):
        stored(station, box, Removed("source", "station"))
    assert [left.id for left in stored(station, box, Removed("source", "box"))] == ["station"]


@pytest.mark.parametrize("field", ["ward", "owner"])
@pytest.mark.parametrize("value", [" ", "x" * 201, "a\nb", "\x00"])
def test_a_ward_or_an_owner_is_a_name(field: str, value: str) -> None:
    with pytest.raises(InvalidChangeError, match=f"{field} name"):
        stored(source(**{field: value}))
    assert getattr(stored(source(**{field: "Phường Ngô Quyền"}))[0], field) == "Phường Ngô Quyền"


def test_a_source_announced_by_an_earlier_release_is_read() -> None:
    change = ControlChange(1, 2, source(shape=ROAD, ward="Ngô Quyền", parents=("a",)))
    headers, value = encode(change)
    sequence, time, fields = msgspec.msgpack.decode(value)
    for length in (11, 12, 15):
        event, _ = decode(headers, msgspec.msgpack.encode([sequence, time, fields[:length]]))
        assert isinstance(event, ControlChange)
        assert isinstance(event.change, Source)
        assert event.change.shape == (ROAD if length > 11 else None)
