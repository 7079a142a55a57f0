"""``/api/teams`` and areas: which wards users and teams are limited to, for administrators."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.alerts.store import Connection
from services.api import teams
from services.api.areas import area_of
from services.api.auth import asker, may
from services.api.changing import Database
from services.api.permissions import Permission
from services.api.problems import answers
from services.api.routes.users import UserBody, one_user

router = APIRouter(tags=["people"], prefix="/api")

_WARDS = Field(
    default=None,
    max_length=200,
    description="Names as sources have them, see `GET /api/wards`; null: say `everywhere`",
)
_NEW_WARDS = Field(
    default=(),
    max_length=200,
    description="More, that no source need be in yet; spelled as sources will have them",
)
_EVERYWHERE = Field(default=False, description="No limit, instead of `wards`")
Lifting = Annotated[
    bool, Query(description="Do it although somebody will see everywhere who was limited before")
]


class AreaIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"wards": ["Hồng Bàng"]}]}
    )
    wards: list[str] | None = _WARDS
    new_wards: tuple[str, ...] = _NEW_WARDS
    everywhere: bool = _EVERYWHERE

    @model_validator(mode="after")
    def _one_of_both(self) -> "AreaIn":
        if (self.wards is None and not self.new_wards) != self.everywhere:
            raise ValueError("give wards, or everywhere")
        return self


class TeamBody(BaseModel):
    name: str
    wards: list[str] | None = Field(description="What its members may see; null: it limits nobody")
    members: list[str]


class WardBody(BaseModel):
    name: str
    sources: int = Field(description="In it now; 0: somebody is limited to it, and sees nothing")


@router.get("/wards", dependencies=[may(Permission.USERS_READ)], responses=answers(401, 403))
def list_wards(request: Request, database: Database) -> list[WardBody]:
    """Wards in which there are sources, and those to which somebody is limited."""
    area = area_of(request)
    known = teams.known_wards(database).items()
    return [
        WardBody(name=name, sources=sources)
        for name, sources in known
        if area is None or name in area
    ]


@router.put(
    "/users/{name}/area",
    dependencies=[may(Permission.USERS_MANAGE)],
    responses=answers(401, 403, 404, 409, 422),
)
def put_area(name: str, body: AreaIn, request: Request, database: Database) -> UserBody:
    """Limits somebody to wards, beside those of their teams; their live streams end, and begin
    again with what they may see.
    """
    teams.limit(database, asker(request), name, body.wards, body.new_wards)
    return one_user(database, name)


@router.get("/teams", dependencies=[may(Permission.USERS_READ)], responses=answers(401, 403))
def list_teams(database: Database) -> list[TeamBody]:
    """Every team, in order of their names."""
    return _bodies(database)


@router.put(
    "/teams/{name}",
    dependencies=[may(Permission.USERS_MANAGE)],
    responses=answers(401, 403, 409, 422),
)
def put_team(name: str, body: AreaIn, request: Request, database: Database) -> TeamBody:
    """Adds a team, or says anew to which wards it is limited: with `everywhere`, to none."""
    kept = teams.put(
        database,
        asker(request),
        name,
        body.wards,
        new=body.new_wards,
        everywhere=body.everywhere,
    )
    return _body(database, kept)


@router.delete(
    "/teams/{name}",
    dependencies=[may(Permission.USERS_MANAGE)],
    responses=answers(401, 403, 404, 409, 422),
)
def delete_team(
    name: str, request: Request, database: Database, everywhere: Lifting = False
) -> list[TeamBody]:
    """Removes a team, and not its members; those that are left."""
    teams.drop(database, asker(request), name, everywhere=everywhere)
    return _bodies(database)


@router.put(
    "/teams/{name}/members/{user}",
    dependencies=[may(Permission.USERS_MANAGE)],
    responses=answers(401, 403, 404, 409, 422),
)
def put_member(name: str, user: str, request: Request, database: Database) -> TeamBody:
    """Takes somebody into a team."""
    return _body(database, teams.join(database, asker(request), name, user))


@router.delete(
    "/teams/{name}/members/{user}",
    dependencies=[may(Permission.USERS_MANAGE)],
    responses=answers(401, 403, 404, 409, 422),
)
def delete_member(
    name: str, user: str, request: Request, database: Database, everywhere: Lifting = False
) -> TeamBody:
    """Takes somebody out of a team."""
    left = teams.leave(database, asker(request), name, user, everywhere=everywhere)
    return _body(database, left)


def _bodies(database: Connection) -> list[TeamBody]:
    return [
        TeamBody(
            name=team.name,
            wards=None if team.wards is None else list(team.wards),
            members=list(team.members),
        )
        for team in teams.teams(database)
    ]


def _body(database: Connection, name: str) -> TeamBody:
    return next(one for one in _bodies(database) if one.name == name)
