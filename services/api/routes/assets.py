"""``/api/assets``: all that the city has, whether it reports or not, with what it depends on."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from services.api import cursors
from services.api.areas import here
from services.api.auth import asker, may, pool_of
from services.api.bodies import ShapeBody
from services.api.changing import Changer, Database
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.routes.sources import configured
from services.api.uploads import MOST_PARTS, Part, Uploads
from streams import dependencies
from streams.configuration import contacts as book
from streams.configuration import geojson
from streams.configuration.configured import Configured, in_order
from streams.configuration.geojson import GeoJsonError
from streams.configuration.importing import Plan, planned
from streams.configuration.log import append, changing, named_wards
from streams.events import Origin, Source
from streams.feeds.registry import asset_type, of_asset_type
from streams.feeds.reporting import reports
from streams.wards import spelled

router = APIRouter(tags=["assets"], prefix="/api/assets")

MAX_PAGE = 1000
NAMED = 100
"""Ids that are named of what an import does; numbers are of all."""


class AssetBody(BaseModel):
    id: str
    type: str = Field(description="See /api/catalogue")
    feed: str = Field(description="That declares the type; empty: none does here")
    reports: bool = Field(description="Whether events come of it; else nobody misses any")
    name_vi: str
    name_en: str
    latitude: float | None = Field(description="Degrees north, WGS 84; null: not known")
    longitude: float | None = Field(description="Degrees east, WGS 84; null: not known")
    segment: str = Field(description="Road segment; empty: none known")
    shape: ShapeBody | None = Field(description="Of a line or an area; null: it is a point")
    ward: str = Field(description="Ward, commune or special zone; empty: not known")
    owner: str = Field(description="Who runs it; empty: not known")
    contact: str | None = Field(
        description="Whom to call; empty: nobody is known; null: you may not see it"
    )
    origin: Origin
    parents: list[str] = Field(description="What it depends on directly")


class AssetPage(BaseModel):
    assets: list[AssetBody]
    matching: int = Field(description="How many match, on all pages")
    next: str | None = Field(description="Cursor of the next page; null: this is the last")


class LinkBody(BaseModel):
    """An asset that another depends on, or that depends on it."""

    id: str
    type: str
    name_vi: str
    name_en: str
    steps: int = Field(description="1: directly")


class AssetDetail(AssetBody):
    above: list[LinkBody] = Field(description="All that it depends on, the nearest first")
    below: list[LinkBody] = Field(
        description="What depends on it, the nearest first; at most a thousand"
    )
    dependants: int = Field(description="How many depend on it")


class FeatureBody(BaseModel):
    """As in RFC 7946."""

    type: Literal["Feature"]
    id: str
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class FeaturePage(BaseModel):
    """A FeatureCollection; the last two members are ours."""

    type: Literal["FeatureCollection"]
    features: list[FeatureBody]
    matching: int = Field(description="How many match, on all pages")
    next: str | None = Field(description="Cursor of the next page; null: this is the last")


class CollectionIn(BaseModel):
    """A FeatureCollection; what is wrong with a feature is said with its index."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "FeatureCollection",
                    "features": [
                        {
                            "type": "Feature",
                            "id": "quay-3",
                            "geometry": {"type": "Point", "coordinates": [106.68, 20.86]},
                            "properties": {"type": "camera", "name_vi": "Cầu tàu 3"},
                        }
                    ],
                }
            ]
        },
    )
    type: Literal["FeatureCollection"]
    features: list[dict[str, Any]] = Field(max_length=geojson.MOST_FEATURES)


class ImportBody(BaseModel):
    """What an import did, or would do."""

    done: bool = Field(description="False: it was only looked at, or parts are still to come")
    received: int = Field(description="Features, of all parts; 0: parts are still to come")
    added: int
    changed: int
    unchanged: int
    added_ids: list[str] = Field(description=f"The first {NAMED}")
    changed_ids: list[str] = Field(description=f"The first {NAMED}")


class Wanted(BaseModel):
    """Which assets are asked for: those that match all that is given."""

    type: list[str] = Field(default=[], description="Asset types")
    ward: list[str] = []
    owner: list[str] = []
    text: str = Field(
        default="",
        max_length=200,
        description="In id, names, ward or owner; case and marks do not matter",
    )
    depends_on: str = Field(
        default="",
        max_length=64,
        description="Those that depend on this one, also through others",
    )
    limit: int = Field(default=100, ge=1, le=MAX_PAGE)
    cursor: str = ""


class _Cursor(msgspec.Struct, array_like=True):
    id: cursors.Text


_MAY_READ = may(Permission.SOURCES_READ)


@router.get("", dependencies=[_MAY_READ], responses=answers(400, 401, 422))
def list_assets(request: Request, wanted: Annotated[Wanted, Query()]) -> AssetPage:
    """A page of assets, in order of ids."""
    found, matching, after = _page(request, wanted)
    told = _contacts(request)
    return AssetPage(
        assets=[AssetBody(**_fields(each, told)) for each in found], matching=matching, next=after
    )


@router.get("/geojson", dependencies=[_MAY_READ], responses=answers(400, 401, 422))
def list_features(request: Request, wanted: Annotated[Wanted, Query()]) -> FeaturePage:
    """The same as a FeatureCollection, with every property that an import takes."""
    found, matching, after = _page(request, wanted)
    page = geojson.collection(found, _contacts(request))
    return FeaturePage(**page, matching=matching, next=after)


@router.get("/{id}", dependencies=[_MAY_READ], responses=answers(401, 404))
def show_asset(id: str, request: Request) -> AssetDetail:
    """An asset, what it depends on, and what depends on it, all the way."""
    known = here(request, configured(request)).sources
    asset = known.get(id)
    if asset is None:
        raise ProblemError(404, "no_asset", f"there is no asset {id!r}")
    below = _below(known, id)
    return AssetDetail(
        **_fields(asset, _contacts(request)),
        above=_links(known, dependencies.closure(lambda name: _parents(known, name), [id])),
        below=_links(known, below)[:MAX_PAGE],
        dependants=len(below),
    )


@router.post("/import", responses=answers(401, 403, 409, 422, 503))
def import_assets(
    collection: CollectionIn,
    request: Request,
    user: Changer,
    database: Database,
    *,
    dry_run: Annotated[bool, Query(description="Only say what would be done")] = False,
    upload: Annotated[
        str, Query(max_length=64, description="Of a collection in several parts: its name")
    ] = "",
    part: Annotated[int, Query(ge=1, le=MOST_PARTS, description="Which this is")] = 1,
    parts: Annotated[int, Query(ge=1, le=MOST_PARTS, description="How many there are")] = 1,
) -> ImportBody:
    """Adds the assets of a GeoJSON FeatureCollection, and changes those that are there already.

    All of them or none; what is there and not named stays, and so does what a feature says nothing
    of. Asked again, it changes nothing. One larger than a body may be comes in parts, in order,
    under the same name; it is looked at when the last has come.
    """
    uploads: Uploads = request.app.state.uploads
    try:
        come = uploads.add(user.name, Part(upload, parts, part), collection.model_dump())
        if come is None:
            return _report(None, done=False, received=0)
        with changing(database) as known:
            plan = planned(known, book.read(database), come, named_wards(database))
            if not dry_run:
                append(database, plan.changes, user.name)
                book.put(database, plan.contacts)
    except GeoJsonError as error:
        raise ProblemError(422, "invalid", str(error)) from None
    return _report(plan, done=not dry_run, received=len(come))


def _report(plan: Plan | None, *, done: bool, received: int) -> ImportBody:
    added, changed = (plan.added, plan.changed) if plan else ([], [])
    return ImportBody(
        done=done,
        received=received,
        added=len(added),
        changed=len(changed),
        unchanged=plan.unchanged if plan else 0,
        added_ids=added[:NAMED],
        changed_ids=changed[:NAMED],
    )


def _page(request: Request, wanted: Wanted) -> tuple[list[Source], int, str | None]:
    """(assets of the page, how many match on all, the cursor of the next)."""
    first = cursors.decode(_Cursor, wanted.cursor).id if wanted.cursor else ""
    matching = list(_matching(here(request, configured(request)), wanted))
    left = [each for each in matching if each.id > first]
    page = left[: wanted.limit]
    after = cursors.encode(_Cursor(page[-1].id)) if len(left) > len(page) else None
    return page, len(matching), after


def _matching(known: Configured, wanted: Wanted) -> Iterator[Source]:
    types = set(map(asset_type, wanted.type))
    wards, owners = set(map(spelled, wanted.ward)), set(map(spelled, wanted.owner))
    text = bare(wanted.text)
    below = _below(known.sources, wanted.depends_on) if wanted.depends_on else {}
    for asset in in_order(known.sources):
        if types and asset_type(asset.kind) not in types:
            continue
        if (wards and asset.ward not in wards) or (owners and spelled(asset.owner) not in owners):
            continue
        if wanted.depends_on and asset.id not in below:
            continue
        words = (asset.id, asset.name_vi, asset.name_en, asset.ward, asset.owner)
        if text and not any(text in bare(word) for word in words):
            continue
        yield asset


def bare(text: str) -> str:
    """As it is compared: without case and marks, as people type names where keyboards have none."""
    spread = unicodedata.normalize("NFD", text.casefold())
    letters = (one for one in spread if not unicodedata.combining(one))
    return "".join(letters).replace("đ", "d")


def _parents(known: Mapping[str, Source], id: str) -> tuple[str, ...]:
    return known[id].parents if id in known else ()


def _below(known: Mapping[str, Source], id: str) -> dict[str, int]:
    """All that depend on it, and in how many steps."""
    below = dependencies.children({name: each.parents for name, each in known.items()})
    return dependencies.closure(lambda name: below.get(name, ()), [id])


def _links(known: Mapping[str, Source], found: Mapping[str, int]) -> list[LinkBody]:
    return [
        LinkBody(
            id=name,
            type=asset_type(known[name].kind),
            name_vi=known[name].name_vi,
            name_en=known[name].name_en,
            steps=steps,
        )
        for name, steps in sorted(found.items(), key=lambda one: (one[1], one[0]))
        if name in known
    ]


def _contacts(request: Request) -> dict[str, str] | None:
    """None: they are not for who asks. Who acts on alerts calls people, and who configures keeps
    the book.
    """
    may_see = {Permission.ALERTS_ACT, Permission.CONFIGURATION_CHANGE}
    if not may_see & asker(request).permissions:
        return None
    with pool_of(request).connection() as connection:
        return book.read(connection)


def _fields(asset: Source, contacts: Mapping[str, str] | None) -> dict[str, Any]:
    latitude, longitude = asset.place.point or (None, None)
    feed = of_asset_type(asset.kind)
    return {
        "id": asset.id,
        "type": asset_type(asset.kind),
        "feed": feed.id if feed else "",
        "reports": reports(asset),
        "name_vi": asset.name_vi,
        "name_en": asset.name_en,
        "latitude": latitude,
        "longitude": longitude,
        "segment": asset.place.segment,
        "shape": ShapeBody.of(asset.shape),
        "ward": asset.ward,
        "owner": asset.owner,
        "contact": None if contacts is None else contacts.get(asset.id, ""),
        "origin": asset.origin,
        "parents": list(asset.parents),
    }
