"""How analysts sign in: by a role that reads, with a generated password that nothing prints."""

from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from streams.database import ANALYST, address, signs_in_as
from streams.secrets import write_secret
from streams.settings import Settings

ROLE = signs_in_as(ANALYST)
SERVICE = "cityops"
"""As ``psql service=cityops`` names it."""
SERVICES = "psql"


def services(settings: Settings) -> Path:
    """File for ``PGSERVICEFILE``, from which ``psql`` and other clients take where, who and the
    password."""
    return settings.secret(SERVICES)


def write_services(settings: Settings, role: str = ANALYST, path: Path | None = None) -> Path:
    """Says how a role signs in, in a file that only its owner can read."""
    parts = conninfo_to_dict(address(settings, role))
    lines = [f"{name}={value}" for name, value in sorted(parts.items()) if value is not None]
    text = "\n".join([f"[{SERVICE}]", *lines])
    path = path or services(settings)
    if not path.exists() or path.read_text() != f"{text}\n":
        write_secret(path, text)
    return path


def query_line(settings: Settings, psql: str) -> str:
    """The command with which analysts ask, password not included."""
    return asking(services(settings), psql)


def asking(path: Path, psql: str) -> str:
    """As above, by somebody's file."""
    return f"PGSERVICEFILE={path} {psql} service={SERVICE}"
