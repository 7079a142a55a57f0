"""``/api/scenery``: what cameras have learned of their pictures, and what engineers say of it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from services.api.areas import here
from services.api.auth import may
from services.api.changing import Accepted, Changer, Database
from services.api.known import insist
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.queries import SQL
from services.gateway.orders import Connection, configured
from streams.configuration.check import InvalidChangeError
from streams.configuration.log import append
from streams.events import (
    Removed,
    SceneryGroup,
    SceneryVerdict,
    from_datetime,
    to_rfc3339,
)

router = APIRouter(prefix="/api", tags=["configuration"])

Box = tuple[float, float, float, float]


class SceneryBody(BaseModel):
    id: str
    camera: str
    label: SceneryGroup = Field(description="What it is taken for; vehicle: anything but a person")
    box: Box = Field(description="Left, top, right, bottom in fractions of the picture")
    verdict: Literal["learned", "confirmed", "denied"] = Field(
        description="learned: hidden from kinds about what comes and goes; confirmed by an"
        " engineer: hidden from all; denied: never hidden"
    )
    since: str | None = Field(
        description="When it was seen there first; null: nothing is learned there now"
    )
    model: str = Field(description="That sees it; empty: nothing is learned there now")


class SceneryIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"confirmed": True}]})
    confirmed: bool = Field(
        description="True: it is scenery, to every kind. False: it is never scenery"
    )


@router.get(
    "/scenery", dependencies=[may(Permission.CONFIGURATION_READ)], responses=answers(401, 404)
)
def list_scenery(
    request: Request, database: Database, camera: Annotated[list[str] | None, Query()] = None
) -> list[SceneryBody]:
    """What is scenery on which camera, and what engineers have confirmed or denied."""
    known = here(request, configured(database))
    insist(known, camera)
    said = {
        one.id: one
        for one in sorted(known.scenery.values(), key=lambda one: (one.source, one.id))
        if camera is None or one.source in camera
    }
    found = [one for one in _learned(database, camera) if one.camera in known.sources]
    rows = [
        one.model_copy(update={"verdict": _word(said.pop(one.id))}) if one.id in said else one
        for one in found
    ]
    return rows + [
        SceneryBody(
            id=one.id,
            camera=one.source,
            label=one.group,
            box=one.box,
            verdict=_word(one),
            since=None,
            model="",
        )
        for one in said.values()
    ]


@router.post("/cameras/{camera}/scenery/{id}", responses=answers(401, 403, 404, 422))
def post_scenery(
    camera: str, id: str, body: SceneryIn, user: Changer, database: Database
) -> Accepted:
    """Confirms or denies that what stands there is scenery; in force with the next picture."""
    said = configured(database).scenery.get(id)
    if said is None or said.source != camera:
        found = next((one for one in _learned(database, [camera]) if one.id == id), None)
        if found is None:
            raise ProblemError(404, "no_scenery", f"{camera} knows no scenery {id!r}")
        said = SceneryVerdict(id, camera, found.label, found.box, confirmed=body.confirmed)
    change = SceneryVerdict(id, camera, said.group, said.box, confirmed=body.confirmed)
    try:
        return Accepted(sequence=append(database, [change], user.name)[-1].sequence)
    except InvalidChangeError as error:
        raise ProblemError(422, "invalid", str(error)) from None


@router.delete("/cameras/{camera}/scenery/{id}", responses=answers(401, 403, 404))
def delete_scenery(camera: str, id: str, user: Changer, database: Database) -> Accepted:
    """Takes back what was confirmed or denied: the camera learns by itself again."""
    said = configured(database).scenery.get(id)
    if said is None or said.source != camera:
        raise ProblemError(404, "no_scenery", f"nobody has confirmed or denied {id!r} on {camera}")
    return Accepted(sequence=append(database, [Removed("scenery", id)], user.name)[-1].sequence)


def _learned(database: Connection, cameras: list[str] | None) -> list[SceneryBody]:
    rows = database.execute(SQL["scenery_list"], {"sources": cameras}).fetchall()
    return [_body(*row) for row in rows]


def _body(camera: str, id: str, label: SceneryGroup, *rest: Any) -> SceneryBody:
    x0, y0, x1, y1, width, height, since, model = rest
    sides = (width * 10, height * 10, width * 10, height * 10)
    x0, y0, x1, y1 = (
        round(part / side, 5) for part, side in zip((x0, y0, x1, y1), sides, strict=True)
    )
    return SceneryBody(
        id=id,
        camera=camera,
        label=label,
        box=(x0, y0, x1, y1),
        verdict="learned",
        since=to_rfc3339(from_datetime(since)),
        model=model,
    )


def _word(said: SceneryVerdict) -> Literal["confirmed", "denied"]:
    return "confirmed" if said.confirmed else "denied"
