"""``/api/source-keys``: keys by which programs and gateways send readings over HTTP."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.api.auth import may
from services.api.changing import Database
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.queries import SQL
from services.api.routes.sources import configured
from services.api.users import User
from streams.feeds.registry import carries_readings
from streams.secrets import hash_of

router = APIRouter(tags=["sources"], prefix="/api/source-keys")

MOST = 10_000
"""Valid keys."""
MOST_NAMED = 1_000
LONGEST_DAYS = 3_660
RATE = 100.0
DAILY = 10_000_000
BEGINS = "cityops_"
"""By which those who look for leaked secrets know a key."""

Manager = Annotated[User, may(Permission.KEYS_MANAGE)]
Names = Annotated[list[str], Field(max_length=MOST_NAMED)]


class SourceKeyIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"label": "Bến Nghé pumps", "gateways": ["gw-pumps"]}]},
    )
    label: str = Field(min_length=1, max_length=100, description="Who is to hold it, or what for")
    sources: Names = Field(default=[], description="Sources whose readings it may send")
    gateways: Names = Field(
        default=[], description="Gateways all of whose sources it may speak for, later ones too"
    )
    rate: float = Field(default=RATE, gt=0, le=100_000, description="Readings per second")
    daily: int = Field(default=DAILY, ge=1, le=10**12, description="Readings in a day (UTC)")
    days: int | None = Field(
        default=None, ge=1, le=LONGEST_DAYS, description="After which it is void; null: never"
    )


class NewSourceKey(BaseModel):
    id: str
    key: str = Field(description="For `Authorization: Bearer`; it is said this once")


class SourceKeyBody(BaseModel):
    id: str
    label: str
    sources: list[str]
    gateways: list[str]
    rate: float = Field(description="Readings per second")
    daily: int = Field(description="Readings in a day (UTC)")
    created_by: str
    created_at: str = Field(description="RFC 3339, as all times")
    expires_at: str | None = Field(description="Null: never")
    revoked_by: str | None
    revoked_at: str | None = Field(description="Null: it is not")
    taken: int = Field(description="Readings that were taken today (UTC), to some seconds")
    refused: int = Field(description="Rows and requests that were refused today")
    used_at: str | None = Field(description="To some seconds; null: never, or long ago")


class Revoked(BaseModel):
    id: str


@router.get("", dependencies=[may(Permission.KEYS_MANAGE)], responses=answers(401, 403))
def list_source_keys(database: Database) -> list[SourceKeyBody]:
    """Keys, the newest first, also those that are void; what they are is not said again."""
    fields = SourceKeyBody.model_fields
    rows = database.execute(SQL["source_keys_list"]).fetchall()
    return [
        SourceKeyBody.model_validate(dict(zip(fields, map(_said, row), strict=True)))
        for row in rows
    ]


@router.post("", status_code=201, responses=answers(401, 403, 409, 422))
def add_source_key(
    body: SourceKeyIn, request: Request, user: Manager, database: Database
) -> NewSourceKey:
    """Makes a key by which readings of these sources are sent, by `POST /v1/events` of the
    receiver.
    """
    known = configured(request)
    gateways = {each.gateway for each in known.sources.values() if carries_readings(each.kind)}
    if not body.sources and not body.gateways:
        raise ProblemError(422, "invalid", "give sources, or gateways")
    for name in body.sources:
        source = known.sources.get(name)
        if source is None or not carries_readings(source.kind):
            raise ProblemError(422, "invalid", f"sources: there is no sensor {name!r}")
        if source.origin != "live":
            said = f"sources: {name!r} is {source.origin}, and what a key sends is live"
            raise ProblemError(422, "invalid", said)
    for name in body.gateways:
        if name not in gateways:
            raise ProblemError(422, "invalid", f"gateways: no sensor has the gateway {name!r}")
    row = database.execute(SQL["source_keys_count"]).fetchone()
    if row and row[0] >= MOST:
        raise ProblemError(409, "too_many", f"there are {MOST} keys: revoke some first")
    key = BEGINS + secrets.token_urlsafe(32)
    asked = body.model_dump() | {"token_hash": hash_of(key), "created_by": user.name}
    made = database.execute(SQL["source_key_add"], asked).fetchone()
    assert made is not None
    return NewSourceKey(id=made[0], key=key)


@router.delete("/{id}", responses=answers(401, 403, 404))
def revoke_source_key(id: str, user: Manager, database: Database) -> Revoked:
    """Voids a key, within a second or two."""
    asked = {"id": id, "revoked_by": user.name}
    if database.execute(SQL["source_key_revoke"], asked).fetchone() is None:
        raise ProblemError(404, "no_key", f"there is no key {id!r}, or it is revoked already")
    return Revoked(id=id)


def _said(value: object) -> object:
    return value.isoformat() if hasattr(value, "isoformat") else value
