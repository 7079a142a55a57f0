"""What may be done over HTTP, and which role may do it; the one place where rights are given."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Literal, get_args

Role = Literal["operator", "supervisor", "engineer", "analyst", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Those that come with CityOps; a site may add its own (``services/api/roles.py``)."""
FORMERLY = {"admin": "administrator"}
"""Names that roles had in earlier releases, and that are still understood."""

NOBODYS = "none"
"""The role of who has none any more; no site defines it."""


class Permission(StrEnum):
    """``noun:verb``; every route asks for one of these, or stands in ``PUBLIC``."""

    SESSION_READ = "session:read"
    SESSION_END = "session:end"
    PASSWORD_OWN = "password:own"
    SESSIONS_OWN = "sessions:own"
    TOKENS_OWN = "tokens:own"
    DEVICES_OWN = "devices:own"
    """Browsers and telephones in which one is told of alerts."""
    COMMANDS_OWN = "commands:own"
    """Saying that one gives a command on the machine itself."""
    ALERTS_READ = "alerts:read"
    ALERTS_ACT = "alerts:act"
    ALERTS_COMMENT = "alerts:comment"
    ALERTS_SUPPRESS = "alerts:suppress"
    """Taking a source or rule out of service, and planning maintenance: it quietens many alerts."""
    ALERTS_WARN = "alerts:warn"
    """Being one of the two persons who tell the public."""
    EVIDENCE_READ = "evidence:read"
    """The pictures that alerts rest on."""
    INCIDENTS_READ = "incidents:read"
    SOURCES_READ = "sources:read"
    DATA_EXPORT = "data:export"
    """Taking away as a file what one may read: alerts, incidents, readings; no pictures."""
    PICTURES_READ = "pictures:read"
    """What a camera sees now. As the evidence, it is masked."""
    PICTURES_ORIGINAL = "pictures:original"
    """Either as the camera sent it, with a reason that is kept."""
    PICTURES_ERASE = "pictures:erase"
    """Of a camera and time, everywhere."""
    CONFIGURATION_READ = "configuration:read"
    CONFIGURATION_CHANGE = "configuration:change"
    KEYS_MANAGE = "keys:manage"
    """Keys by which readings are sent: who holds one speaks for its sources."""
    ONCALL_READ = "oncall:read"
    """Who is on call, who is told of what, and what became of it."""
    ONCALL_MANAGE = "oncall:manage"
    """Turns, policies, and where people are reached."""
    HANDBOOK_CHANGE = "handbook:change"
    """What alerts are handled by: the table of priorities."""
    CHANNELS_MANAGE = "channels:manage"
    """By what messages leave, with the passwords that this takes."""
    STATUS_READ = "status:read"
    CATALOGUE_READ = "catalogue:read"
    USERS_READ = "users:read"
    USERS_MANAGE = "users:manage"
    SESSIONS_MANAGE = "sessions:manage"
    """Other people's."""
    ROLES_MANAGE = "roles:manage"
    AUDIT_READ = "audit:read"
    """Who did what: how people work."""


OWN = frozenset(
    {
        Permission.SESSION_READ,
        Permission.SESSION_END,
        Permission.PASSWORD_OWN,
        Permission.SESSIONS_OWN,
        Permission.TOKENS_OWN,
        Permission.DEVICES_OWN,
        Permission.COMMANDS_OWN,
    }
)
"""What everybody may who can sign in, whatever their role: it concerns nobody else."""
MUST_CHANGE = frozenset({Permission.SESSION_READ, Permission.SESSION_END, Permission.PASSWORD_OWN})
"""What is left to whoever has to choose a password, or to set up a second factor, first."""
NO_TOKEN = frozenset(
    {
        Permission.PASSWORD_OWN,
        Permission.SESSIONS_OWN,
        Permission.TOKENS_OWN,
        Permission.DEVICES_OWN,
        Permission.KEYS_MANAGE,
        Permission.CHANNELS_MANAGE,
        Permission.ALERTS_WARN,
        Permission.PICTURES_ORIGINAL,
        Permission.PICTURES_ERASE,
    }
)
"""What no token that somebody made may do: whoever finds it must not outlive it, nor see people."""
_LOOK = OWN | {
    Permission.ALERTS_READ,
    Permission.INCIDENTS_READ,
    Permission.SOURCES_READ,
    Permission.CONFIGURATION_READ,
    Permission.STATUS_READ,
    Permission.CATALOGUE_READ,
}
_PICTURES = frozenset({Permission.EVIDENCE_READ, Permission.PICTURES_READ})
_OPERATE = (
    _LOOK | _PICTURES | {Permission.ALERTS_ACT, Permission.ALERTS_COMMENT, Permission.ONCALL_READ}
)
RIGHTS: dict[Role, frozenset[Permission]] = {
    "analyst": _LOOK | {Permission.DATA_EXPORT},
    "operator": _OPERATE,
    "supervisor": _OPERATE
    | {
        Permission.DATA_EXPORT,
        Permission.USERS_READ,
        Permission.SESSIONS_MANAGE,
        Permission.PICTURES_ORIGINAL,
        Permission.ONCALL_MANAGE,
        Permission.HANDBOOK_CHANGE,
        Permission.ALERTS_SUPPRESS,
        Permission.ALERTS_WARN,
    },
    "engineer": _LOOK
    | _PICTURES
    | {
        Permission.ALERTS_COMMENT,
        Permission.ALERTS_SUPPRESS,
        Permission.CONFIGURATION_CHANGE,
        Permission.KEYS_MANAGE,
        Permission.ONCALL_READ,
        Permission.CHANNELS_MANAGE,
    },
    "administrator": frozenset(Permission),
}

PUBLIC = frozenset(
    {
        ("POST", "/api/session"),
        ("GET", "/api/acknowledge"),
        ("POST", "/api/acknowledge"),
        ("GET", "/api/session/provider"),
        ("GET", "/api/session/provider/begin"),
        ("GET", "/api/session/provider/callback"),
        ("GET", "/api/session/provider/end"),
        ("GET", "/healthz"),
        ("GET", "/openapi.json"),
        ("GET", "/"),
    }
)
"""Method and path of what needs no sign-in; the console's page and its assets, which
``services.api.static`` serves in front of all routes, need none either."""


def canonical(role: str) -> str:
    """Its name today."""
    return FORMERLY.get(role, role)


def rights(role: str, granted: Iterable[str] | None) -> frozenset[Permission]:
    """What a role may; nothing where it is not known (any more).

    Args:
        granted: of a role of the site's own, as stored; what is not known here is passed over.
    """
    for name, built_in in RIGHTS.items():
        if name == role:
            return built_in
    known = {permission.value for permission in Permission}
    return OWN.union(Permission(each) for each in granted or () if each in known)


def roles_with(permission: Permission) -> list[Role]:
    """In alphabetical order."""
    return sorted(role for role in ROLES if permission in RIGHTS[role])
