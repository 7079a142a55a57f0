"""Assets as GeoJSON (RFC 7946), as geographic information systems give and take them. Pure.

One feature an asset. A property that a feature lacks says nothing: what is known stays. What is
written has every property, so reading it again gives the same.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from streams.events import SECOND, Place, Shape, Source
from streams.feeds.registry import asset_type, carries_frames, of_asset_type

MOST_FEATURES = 20_000
WGS84 = ("CRS84", "4326")
"""How the one reference system that GeoJSON has is called in files that say so."""

Given = str | UnsetType


class GeoJsonError(ValueError):
    """It cannot be read as assets; the message says where and why."""


class Properties(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one feature; UNSET: it says nothing of that."""

    type: str
    """Its asset type, as a feed declares it."""
    name_vi: Given = UNSET
    name_en: Given = UNSET
    ward: Given = UNSET
    owner: Given = UNSET
    contact: Given = UNSET
    """Whom to call; empty: nobody is known."""
    parents: tuple[str, ...] | UnsetType = UNSET
    segment: Given = UNSET
    origin: Literal["live", "recorded", "simulated"] | UnsetType = UNSET
    gateway: Given = UNSET
    """Empty: no gateway carries it, so nothing comes of it."""
    period_seconds: float | UnsetType = UNSET
    point: tuple[float, float] | UnsetType | None = UNSET
    """Of a line or an area: longitude and latitude of where a map shows its name."""


class Described(msgspec.Struct, frozen=True):
    """An asset, as a feature says it."""

    id: str
    properties: Properties
    place: Place
    """Without its segment."""
    shape: Shape | None

    def merged(self, before: Source | None) -> Source:
        """The asset as it is to be: what the feature says, and what was known besides."""
        said = self.properties
        kind = asset_type(said.type)
        names = (
            _or(said.name_vi, before.name_vi if before else ""),
            _or(said.name_en, before.name_en if before else ""),
        )
        gateway = _or(said.gateway, before.gateway if before else "")
        segment = _or(said.segment, before.place.segment if before else "")
        fresh = Source(self.id, kind, "", "", "live", self.place)
        if before is None and carries_frames(kind):
            # A camera that nobody reads yet; 'cityops camera add' with its address switches it on.
            fresh = msgspec.structs.replace(fresh, rests="off")
        return msgspec.structs.replace(
            before or fresh,
            kind=kind,
            name_vi=names[0] or names[1] or self.id,
            name_en=names[1] or names[0] or self.id,
            origin=_or(said.origin, before.origin if before else "live"),
            place=msgspec.structs.replace(self.place, segment=segment),
            shape=self.shape,
            ward=_or(said.ward, before.ward if before else ""),
            owner=_or(said.owner, before.owner if before else ""),
            parents=_or(said.parents, before.parents if before else ()),
            gateway=gateway,
            period=self._period(before, gateway),
        )

    def _period(self, before: Source | None, gateway: str) -> int:
        if self.properties.period_seconds is not UNSET:
            return round(self.properties.period_seconds * SECOND)
        if before is not None and before.gateway == gateway:
            return before.period
        feed = of_asset_type(self.properties.type)
        if not gateway or feed is None:
            return 0
        usual = feed.asset_types[asset_type(self.properties.type)].period_seconds
        return round(usual * SECOND)


def _or(said: Any, otherwise: Any) -> Any:
    return otherwise if said is UNSET else said


def collection(assets: Iterable[Source], contacts: Mapping[str, str] | None) -> dict[str, Any]:
    """A FeatureCollection of the assets, in their order."""
    listed = [feature(each, contacts) for each in assets]
    return {"type": "FeatureCollection", "features": listed}


def feature(asset: Source, contacts: Mapping[str, str] | None) -> dict[str, Any]:
    """Args:
    contacts: by asset id; None: whoever reads it may not see them, so nothing is said of any.
    """
    point = asset.place.point
    shown = None if point is None else [point[1], point[0]]
    properties: dict[str, Any] = {
        "type": asset_type(asset.kind),
        "name_vi": asset.name_vi,
        "name_en": asset.name_en,
        "ward": asset.ward,
        "owner": asset.owner,
        "parents": list(asset.parents),
        "segment": asset.place.segment,
        "origin": asset.origin,
    }
    if contacts is not None:
        properties["contact"] = contacts.get(asset.id, "")
    if not carries_frames(asset.kind):
        properties["gateway"] = asset.gateway
        properties["period_seconds"] = asset.period / SECOND
    if asset.shape is not None:
        properties["point"] = shown
    geometry = _geometry(asset.shape, shown)
    return {"type": "Feature", "id": asset.id, "geometry": geometry, "properties": properties}


def _geometry(shape: Shape | None, point: list[float] | None) -> dict[str, Any] | None:
    if shape is None:
        return None if point is None else {"type": "Point", "coordinates": point}
    corners = [[longitude, latitude] for latitude, longitude in shape.points]
    if shape.form == "line":
        return {"type": "LineString", "coordinates": corners}
    closed = corners if corners[0] == corners[-1] else [*corners, corners[0]]
    return {"type": "Polygon", "coordinates": [closed]}


def read(data: Any, first: int = 0) -> list[Described]:
    """What a decoded FeatureCollection says of assets, in its order.

    Args:
        first: index of its first feature, where it is a part of a larger one.

    Raises:
        GeoJsonError: the message names the feature, by its index from 0 and its id.
    """
    return [_read(number, each) for number, each in enumerate(features(data), first)]


def features(data: Any) -> list[Any]:
    """Of a decoded FeatureCollection, none of them looked at; raises as ``read``."""
    if not isinstance(data, dict) or data.get("type") != "FeatureCollection":
        raise GeoJsonError("give a GeoJSON FeatureCollection")
    found = data.get("features")
    if not isinstance(found, list):
        raise GeoJsonError("features: give a list")
    insist_on_few(len(found))
    system = data.get("crs")
    if system is not None and not any(name in str(system) for name in WGS84):
        raise GeoJsonError("crs: give coordinates in WGS 84 (EPSG:4326), as GeoJSON has them")
    return found


def insist_on_few(number: int) -> None:
    """Raises GeoJsonError where there are too many features."""
    if number > MOST_FEATURES:
        raise GeoJsonError(f"features: {number} of them; give at most {MOST_FEATURES}")


def called(number: int, id: object) -> str:
    """A feature, in words."""
    shown = str(id)[:64] if isinstance(id, str) and id else ""
    return f"feature {number} ({shown})" if shown else f"feature {number}"


def _read(number: int, data: Any) -> Described:
    name = data.get("id") if isinstance(data, dict) else None
    try:
        if not isinstance(data, dict) or data.get("type") != "Feature":
            raise GeoJsonError("give a Feature")
        if not isinstance(name, str) or not name:
            raise GeoJsonError("id: give the asset's id, a text")
        if "geometry" not in data:
            raise GeoJsonError("geometry: give one, or null where it is not known")
        properties = _properties(data.get("properties"))
        point, shape = _placed(data["geometry"])
        if shape is None and properties.point not in (UNSET, None):
            raise GeoJsonError("point: only a line or an area has one beside its geometry")
        if shape is not None and isinstance(properties.point, tuple):
            point = _position(properties.point)
        return Described(name, properties, Place(*(point or (None, None))), shape)
    except GeoJsonError as error:
        raise GeoJsonError(f"{called(number, name)}: {error}") from None


def _properties(data: Any) -> Properties:
    if not isinstance(data, dict):
        raise GeoJsonError("properties: give an object with a type at least")
    if unknown := sorted(str(name) for name in data if name not in Properties.__struct_fields__):
        known = ", ".join(Properties.__struct_fields__)
        raise GeoJsonError(f"there is no property {unknown[0]!r}; properties are {known}")
    try:
        found = msgspec.convert(data, Properties)
    except msgspec.ValidationError as error:
        raise GeoJsonError(f"properties: {error}") from None
    kind = found.type
    if of_asset_type(kind) is None:
        raise GeoJsonError(f"there is no type {kind!r}: see 'cityops catalogue'")
    if carries_frames(kind) and (found.gateway, found.period_seconds) != (UNSET, UNSET):
        raise GeoJsonError(f"a {kind} has no gateway and no period_seconds of its own")
    if found.period_seconds is not UNSET and not 0 <= found.period_seconds <= 30 * 86400:
        raise GeoJsonError("period_seconds: give 0 to 2592000")
    return found


def _placed(data: Any) -> tuple[tuple[float, float] | None, Shape | None]:
    """(latitude, longitude) of a point, and the shape of what is none; neither: not known."""
    if data is None:
        return None, None
    kind = data.get("type") if isinstance(data, dict) else None
    coordinates = data.get("coordinates") if isinstance(data, dict) else None
    match kind, coordinates:
        case "Point", _:
            return _position(coordinates), None
        case "LineString", list():
            return None, Shape("line", tuple(map(_position, coordinates)))
        case "Polygon", [list() as ring]:
            corners = tuple(map(_position, ring))
            if len(corners) < 4 or corners[0] != corners[-1]:
                raise GeoJsonError("geometry: a Polygon's ring ends where it begins")
            return None, Shape("area", corners[:-1])
        case "Polygon", [_, _, *_]:
            raise GeoJsonError("geometry: give a Polygon without holes")
        case _:
            raise GeoJsonError("geometry: give a Point, a LineString, a Polygon or null")


def _position(data: Any) -> tuple[float, float]:
    """(latitude, longitude), the other way round than GeoJSON has them."""
    if not isinstance(data, list | tuple) or len(data) != 2 or not all(map(_is_number, data)):
        raise GeoJsonError("geometry: give each position as [longitude, latitude]")
    longitude, latitude = data
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise GeoJsonError(
            f"geometry: [{longitude}, {latitude}] is no [longitude, latitude] in degrees"
        )
    return float(latitude), float(longitude)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
