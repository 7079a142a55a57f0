"""``/api/masks``: areas of cameras' pictures in which nothing counts that a model sees."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from services.api.areas import here
from services.api.auth import may
from services.api.changing import Accepted, Changer, Database
from services.api.known import insist
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.gateway.orders import configured
from streams.configuration.check import InvalidChangeError
from streams.configuration.configured import in_order
from streams.configuration.log import append
from streams.configuration.unjudged import masked
from streams.events import Mask, Removed

router = APIRouter(prefix="/api/masks", tags=["configuration"])

Polygon = list[tuple[float, float]]


class MaskIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    source: str = Field(description="The camera")
    polygon: Polygon = Field(description="Three or more corners in fractions of the picture")


class HiddenZone(BaseModel):
    rule: str
    zone: str = Field(description="Empty: the whole picture")
    percent: int = Field(description="Of it in which the rule judges nothing")


class MaskBody(BaseModel):
    id: str
    source: str
    polygon: Polygon
    hides: list[HiddenZone] = Field(
        description="What the camera's masks together hide of what rules watch"
    )


@router.get("", dependencies=[may(Permission.CONFIGURATION_READ)], responses=answers(401, 404))
def list_masks(
    request: Request, database: Database, camera: Annotated[list[str] | None, Query()] = None
) -> list[MaskBody]:
    known = here(request, configured(database))
    insist(known, camera)
    hidden = masked(known)
    return [
        MaskBody(
            id=mask.id,
            source=mask.source,
            polygon=list(mask.polygon),
            hides=[
                HiddenZone(rule=one.rule.id, zone=one.zone, percent=one.percent)
                for one in hidden
                if one.source.id == mask.source
            ],
        )
        for mask in in_order(known.masks)
        if camera is None or mask.source in camera
    ]


@router.post("", status_code=201, responses=answers(401, 403, 422))
def post_mask(mask: MaskIn, user: Changer, database: Database) -> Accepted:
    """Draws a mask, or changes the one of that id; in force with the next picture."""
    change = Mask(mask.id, mask.source, tuple(mask.polygon))
    try:
        return Accepted(sequence=append(database, [change], user.name)[-1].sequence)
    except InvalidChangeError as error:
        raise ProblemError(422, "invalid", str(error)) from None


@router.delete("/{id}", responses=answers(401, 403, 404))
def delete_mask(id: str, user: Changer, database: Database) -> Accepted:
    if id not in configured(database).masks:
        raise ProblemError(404, "no_mask", f"there is no mask {id!r}")
    return Accepted(sequence=append(database, [Removed("mask", id)], user.name)[-1].sequence)
