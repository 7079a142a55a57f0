"""``/api/cameras``, ``/api/zones``, ``/api/rules``: what is configured, for engineers to change.

Everyone who is signed in may look. A change is in the log when it is answered; the gateway
publishes it within a second.
"""

from typing import Any

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from models.manifest import ModelError
from services.api.areas import here
from services.api.auth import may
from services.api.bodies import PlaceBody, ShapeBody
from services.api.changing import Accepted, Changer, Database
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.gateway.capture import Address
from services.gateway.orders import (
    CameraOrder,
    Connection,
    accept_view,
    add_camera,
    configured,
    remove_camera,
)
from streams.configuration.address import without_credentials
from streams.configuration.camera_addresses import DEFAULT_FPS, shown
from streams.configuration.check import InvalidChangeError
from streams.configuration.configured import in_order
from streams.configuration.defaults import missing_rules
from streams.configuration.log import append, changing
from streams.events import Change, Origin, Removed, Rests, Rule, Severity, Zone
from streams.feeds.registry import all_feeds, carries_frames
from streams.kinds.registry import UnknownKindError, find
from streams.models import for_footage, registry
from streams.settings import Settings
from streams.stages.detect import TASK as DETECTION

router = APIRouter(prefix="/api", tags=["configuration"])

Polygon = list[tuple[float, float]]


class ZoneIn(BaseModel):
    """A polygon on a camera's picture, or a line where it has two corners.

    Corners are fractions of the picture's width and height. Kinds that watch lines take a line's
    direction from its first corner to its second.
    """

    model_config = ConfigDict(extra="forbid")
    id: str
    source: str = Field(default="", description="The camera; may be left out inside a camera.")
    name_vi: str = Field(default="", description="Empty: the English name, or the id.")
    name_en: str = ""
    polygon: Polygon

    def to_event(self, source: str = "") -> Zone:
        return Zone(
            self.id,
            self.source or source,
            self.name_vi or self.name_en or self.id,
            self.name_en or self.name_vi or self.id,
            tuple(self.polygon),
        )


class RuleIn(BaseModel):
    """What to watch for; ``sources``, ``types`` and ``zones`` empty: wherever the kind applies."""

    model_config = ConfigDict(extra="forbid")
    id: str
    kind: str = Field(max_length=64, description="See /api/catalogue")
    severity: Severity
    sources: list[str] = []
    types: list[str] = Field(
        default=[],
        description="Asset types: every source of these, those added later too, beside `sources`",
    )
    zones: list[str] = []
    classes: list[str] = []
    parameters: dict[str, float] = {}

    def to_event(self) -> Rule:
        return Rule(
            self.id,
            self.kind,
            self.severity,
            tuple(self.sources),
            tuple(self.zones),
            tuple(self.classes),
            dict(self.parameters),
            types=tuple(self.types),
        )


class CameraIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"id": "quay-3", "address": "rtsp://10.0.0.5:554/ch1", "fps": 5}]
        },
    )
    id: str
    address: str = Field(
        repr=False,
        description="File on the server or URL; may carry user:password@, or have {user} and"
        " {password} where they belong. Credentials are sealed, and shown nowhere.",
    )
    user: str = Field(default="", max_length=200, description="Empty: as in the address.")
    password: str = Field(
        default="", max_length=200, repr=False, description="Empty: as in the address."
    )
    verified: bool = Field(
        default=True,
        description="False: its certificate is not looked at, by https, rtmps or rtsps",
    )
    model: str = Field(
        default="",
        description="name@version; empty: the active detector, or else the best for real streets"
        " that is there.",
    )
    loop: bool = Field(default=False, description="Repeat a recording when it ends.")
    recorded: bool = Field(
        default=False, description="The address plays a recording; that of a file always does."
    )
    alone: bool = Field(
        default=False, description="Refuse it where another camera has the same address."
    )
    fps: float = Field(default=DEFAULT_FPS, description="Maximum frames per second.")
    name_vi: str = ""
    name_en: str = ""
    latitude: float | None = Field(default=None, description="Degrees north; null: not known")
    longitude: float | None = Field(default=None, description="Degrees east; null: not known")
    segment: str = Field(default="", description="Road segment that it looks at")
    shape: ShapeBody | None = Field(default=None, description="Where it is no point")
    ward: str = Field(default="", description="Ward, commune or special zone")
    owner: str = Field(default="", description="Who runs it")
    parents: list[str] = Field(default=[], description="Sources that it depends on")
    gated: bool = Field(
        default=True,
        description="False: the detector looks at every picture, also where nothing has changed.",
    )
    tours: bool = Field(
        default=False,
        description="It turns by itself from view to view: whether it was moved is not judged.",
    )
    zones: list[ZoneIn] = []
    rules: list[RuleIn] = []


class CameraBody(BaseModel):
    id: str
    kind: str
    name_vi: str
    name_en: str
    origin: Origin
    place: PlaceBody
    shape: ShapeBody | None = Field(description="Of a line or an area; null: it is a point")
    ward: str
    owner: str
    parents: list[str]
    gateway: str
    model: str = Field(description="name@version; empty: the active detector")
    period: int = Field(description="Microseconds between two frames; 0: not known")
    address: str = Field(description="Without credentials; empty: the gateway does not read it")
    fps: float | None = Field(
        description="Maximum frames per second; null: the gateway does not read it"
    )
    loop: bool | None
    verified: bool | None = Field(
        description="Whether its certificate is looked at; null: it is not asked by TLS"
    )
    gated: bool = Field(
        description="False: the detector looks at every picture, also where nothing changed"
    )
    zones: list[str]
    view: int = Field(description="Raised where what it sees is another view, accepted by somebody")
    tours: bool = Field(
        description="It turns by itself from view to view: whether it was moved is not judged"
    )
    rests: Rests = Field(
        description="off: it is switched off; ended: its recording is over; empty: it is to speak"
    )


class ZoneBody(BaseModel):
    id: str
    source: str
    name_vi: str
    name_en: str
    polygon: Polygon


class RuleBody(BaseModel):
    id: str
    kind: str
    severity: Severity
    sources: list[str]
    types: list[str] = Field(description="Asset types, every source of which it watches too")
    zones: list[str]
    classes: list[str]
    parameters: dict[str, float]
    version: int = Field(
        description="Of its kind when it was accepted, with every parameter written out; 0: from"
        " before that was done"
    )


@router.get("/cameras", dependencies=[may(Permission.CONFIGURATION_READ)], responses=answers(401))
def list_cameras(request: Request, database: Database) -> list[CameraBody]:
    """Every camera, those of the simulated city too; addresses without credentials."""
    control, known = here(request, configured(database)), shown(database)
    rows = []
    for source in in_order(control.sources):
        if carries_frames(source.kind):
            own = known.get(source.id)
            rows.append(
                CameraBody(
                    **_plain(source) | {"place": PlaceBody.of(source.place)},
                    fps=own.fps if own else None,
                    loop=own.loop if own else None,
                    verified=own.verified if own and Address(own.address).is_secure else None,
                    zones=[z.id for z in in_order(control.zones) if z.source == source.id],
                )
            )
    return rows


@router.post("/cameras", status_code=201, responses=answers(401, 403, 409, 422))
def post_camera(camera: CameraIn, request: Request, user: Changer, database: Database) -> Accepted:
    """Adds a camera, or changes the one of that id, with zones and rules in the same step."""
    settings = request.app.state.settings
    if camera.model:
        _check_model(settings, camera.model)
    elif DETECTION not in configured(database).models:
        camera.model = for_footage(registry(settings))
    if camera.alone:
        public = without_credentials(camera.address)
        for other in shown(database).values():
            if other.address == public and other.source != camera.id:
                detail = f"camera {other.source} has this address"
                raise ProblemError(409, "address_taken", detail)
    order = CameraOrder(
        **camera.model_dump(exclude={"zones", "rules", "shape", "parents", "alone"}),
        shape=camera.shape.to_event() if camera.shape else None,
        parents=tuple(camera.parents),
        zones=tuple(zone.to_event(camera.id) for zone in camera.zones),
        rules=tuple(rule.to_event() for rule in camera.rules),
    )
    try:
        return Accepted(sequence=add_camera(database, settings, order, user.name))
    except InvalidChangeError as error:
        raise ProblemError(422, "invalid", str(error)) from None


@router.delete("/cameras/{id}", responses=answers(401, 403, 404))
def delete_camera(id: str, user: Changer, database: Database) -> Accepted:
    """Removes a camera, its zones, and the rules that then have nothing left to watch."""
    try:
        return Accepted(sequence=remove_camera(database, id, user.name))
    except InvalidChangeError as error:
        raise ProblemError(404, "no_camera", str(error)) from None


@router.post("/cameras/{id}/view", responses=answers(401, 403, 404))
def post_view(id: str, user: Changer, database: Database) -> Accepted:
    """What the camera sees now is right: its zones were checked, or drawn anew, on it."""
    try:
        return Accepted(sequence=accept_view(database, id, user.name))
    except InvalidChangeError as error:
        raise ProblemError(404, "no_camera", str(error)) from None


@router.get("/zones", dependencies=[may(Permission.CONFIGURATION_READ)], responses=answers(401))
def list_zones(request: Request, database: Database) -> list[ZoneBody]:
    known = here(request, configured(database))
    return [ZoneBody(**_plain(zone)) for zone in in_order(known.zones)]


@router.post("/zones", status_code=201, responses=answers(401, 403, 422))
def post_zone(zone: ZoneIn, user: Changer, database: Database) -> Accepted:
    """Draws a zone, or changes the one of that id."""
    return _append(database, zone.to_event(), user.name)


@router.delete("/zones/{id}", responses=answers(401, 403, 404, 422))
def delete_zone(id: str, user: Changer, database: Database) -> Accepted:
    """Removes a zone that no rule names."""
    if id not in configured(database).zones:
        raise ProblemError(404, "no_zone", f"there is no zone {id!r}")
    return _append(database, Removed("zone", id), user.name)


@router.get("/rules", dependencies=[may(Permission.CONFIGURATION_READ)], responses=answers(401))
def list_rules(request: Request, database: Database) -> list[RuleBody]:
    """Kinds and parameters by the names that they have now, also where a rule is older."""
    return [_rule(rule) for rule in in_order(here(request, configured(database)).rules)]


@router.post("/rules", status_code=201, responses=answers(401, 403, 422))
def post_rule(rule: RuleIn, user: Changer, database: Database) -> Accepted:
    """Adds a rule, or changes the one of that id."""
    return _append(database, rule.to_event(), user.name)


@router.delete("/rules/{id}", responses=answers(401, 403, 404))
def delete_rule(id: str, user: Changer, database: Database) -> Accepted:
    if id not in configured(database).rules:
        raise ProblemError(404, "no_rule", f"there is no rule {id!r}")
    return _append(database, Removed("rule", id), user.name)


@router.post("/feeds/{id}/rules", status_code=201, responses=answers(401, 403, 404, 422))
def post_default_rules(id: str, user: Changer, database: Database) -> list[RuleBody]:
    """Puts the feed's default rules in force on its sources that no rule of the same kind watches.

    Gives the rules that were added, or widened by new sources; none where all of it is watched.
    """
    feed = all_feeds().get(id)
    if feed is None:
        raise ProblemError(404, "no_feed", f"there is no feed {id!r}: see /api/catalogue")
    try:
        with changing(database) as known:
            added = append(database, missing_rules(known, feed), user.name)
    except (InvalidChangeError, UnknownKindError) as error:
        raise ProblemError(422, "invalid", str(error)) from None
    return [RuleBody(**_plain(event.change)) for event in added]


def _rule(rule: Rule) -> RuleBody:
    try:
        kind = find(rule.kind)
    except UnknownKindError:
        return RuleBody(**_plain(rule))
    return RuleBody(**_plain(rule) | {"kind": kind.id, "parameters": kind.spelled(rule)})


def _check_model(settings: Settings, model: str) -> None:
    """Raises ProblemError 422 where no such model is there to run."""
    models = registry(settings)
    try:
        models.path(models.find(model))
    except ModelError as error:
        raise ProblemError(422, "invalid", str(error)) from None


def _append(database: Connection, change: Change, actor: str) -> Accepted:
    try:
        return Accepted(sequence=append(database, [change], actor)[-1].sequence)
    except InvalidChangeError as error:
        raise ProblemError(422, "invalid", str(error)) from None


def _plain(thing: msgspec.Struct) -> dict[str, Any]:
    """Its fields by name; on the wire it is an array."""
    return {
        name: _plain(value) if isinstance(value, msgspec.Struct) else value
        for name, value in msgspec.structs.asdict(thing).items()
    }
