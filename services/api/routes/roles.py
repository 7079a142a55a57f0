"""``/api/roles``: what each role may, and roles of the site's own."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.api import roles
from services.api.auth import asker, may
from services.api.changing import Database
from services.api.permissions import Permission
from services.api.problems import answers

router = APIRouter(tags=["people"], prefix="/api/roles")


class RoleBody(BaseModel):
    name: str
    permissions: list[Permission]
    built_in: bool = Field(description="It comes with CityOps, and stays as it is")
    second_factor: bool = Field(
        description="Whoever has it may do nothing before they have set up a second factor; tokens"
        " are not concerned"
    )


class RoleChange(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"permissions": ["alerts:read", "pictures:read"]}]},
    )
    permissions: list[Permission] = Field(
        description="Beside what concerns only oneself, which everybody may"
    )


class FactorChange(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"required": True}]})
    required: bool


@router.get("", dependencies=[may(Permission.USERS_READ)], responses=answers(401, 403))
def list_roles(database: Database) -> list[RoleBody]:
    """Every role, those that come with CityOps first."""
    return [_body(one) for one in roles.roles(database)]


@router.put(
    "/{name}",
    dependencies=[may(Permission.ROLES_MANAGE)],
    responses=answers(401, 403, 409, 422),
)
def put_role(name: str, body: RoleChange, request: Request, database: Database) -> RoleBody:
    """Adds a role, or changes one of the site's own; nobody gives what they may not do."""
    actor = asker(request)
    roles.put(database, actor, name, body.permissions)
    return _body(next(one for one in roles.roles(database) if one.name == name))


@router.put(
    "/{name}/factor",
    dependencies=[may(Permission.ROLES_MANAGE)],
    responses=answers(401, 403, 404, 422),
)
def put_factor(name: str, body: FactorChange, request: Request, database: Database) -> RoleBody:
    """Whether people of a role must have a second factor, any role's."""
    roles.require_factor(database, asker(request), name, required=body.required)
    return _body(next(one for one in roles.roles(database) if one.name == name))


@router.delete(
    "/{name}",
    dependencies=[may(Permission.ROLES_MANAGE)],
    responses=answers(401, 403, 404, 409),
)
def delete_role(name: str, request: Request, database: Database) -> list[RoleBody]:
    """Removes a role of the site's own that nobody has; those that are left."""
    roles.drop(database, asker(request), name)
    return list_roles(database)


def _body(one: roles.RoleOf) -> RoleBody:
    return RoleBody(
        name=one.name,
        permissions=sorted(one.permissions),
        built_in=one.built_in,
        second_factor=one.second_factor,
    )
