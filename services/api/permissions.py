"""What may be done over HTTP, and which role may do it; the one place where rights are given."""

from enum import StrEnum
from typing import Literal, get_args

Role = Literal["operator", "engineer", "analyst", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)


class Permission(StrEnum):
    """``noun:verb``; every route asks for one of these, or stands in ``PUBLIC``."""

    SESSION_READ = "session:read"
    SESSION_END = "session:end"
    ALERTS_READ = "alerts:read"
    ALERTS_ACT = "alerts:act"
    ALERTS_COMMENT = "alerts:comment"
    EVIDENCE_READ = "evidence:read"
    INCIDENTS_READ = "incidents:read"
    SOURCES_READ = "sources:read"
    PICTURES_READ = "pictures:read"
    """What a camera sees now."""
    CONFIGURATION_READ = "configuration:read"
    CONFIGURATION_CHANGE = "configuration:change"
    STATUS_READ = "status:read"
    CATALOGUE_READ = "catalogue:read"


_LOOK = frozenset(
    {
        Permission.SESSION_READ,
        Permission.SESSION_END,
        Permission.ALERTS_READ,
        Permission.EVIDENCE_READ,
        Permission.INCIDENTS_READ,
        Permission.SOURCES_READ,
        Permission.PICTURES_READ,
        Permission.CONFIGURATION_READ,
        Permission.STATUS_READ,
        Permission.CATALOGUE_READ,
    }
)
RIGHTS: dict[Role, frozenset[Permission]] = {
    "analyst": _LOOK,
    "operator": _LOOK | {Permission.ALERTS_ACT, Permission.ALERTS_COMMENT},
    "engineer": _LOOK | {Permission.ALERTS_COMMENT, Permission.CONFIGURATION_CHANGE},
    "admin": frozenset(Permission),
}

PUBLIC = frozenset(
    {
        ("POST", "/api/session"),
        ("GET", "/healthz"),
        ("GET", "/openapi.json"),
        ("GET", "/"),
    }
)
"""Method and path of what needs no sign-in; the console's page and its assets, which
``services.api.static`` serves in front of all routes, need none either."""


def roles_with(permission: Permission) -> list[Role]:
    """In alphabetical order."""
    return sorted(role for role in ROLES if permission in RIGHTS[role])
