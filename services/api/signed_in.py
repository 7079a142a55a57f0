"""Who has signed in on the command line: a file with the session's token, which only they can read.

It belongs to an account of the operating system, not to the state folder, which may be another's.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from streams.secrets import write_secret
from streams.settings import Settings

AGENT = "cityops"
"""How the command line calls itself, as a browser says which it is."""


def token(settings: Settings) -> str:
    """Of the session at the service that the settings name; empty: nobody has signed in."""
    try:
        return _file(settings).read_text().strip()
    except OSError:
        return ""


def keep(settings: Settings, token: str) -> None:
    """Raises OSError where the file cannot be written."""
    write_secret(_file(settings), token)


def forget(settings: Settings) -> None:
    _file(settings).unlink(missing_ok=True)


def _file(settings: Settings) -> Path:
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "cityops" / urlsplit(settings.api).netloc.replace(":", "_")
