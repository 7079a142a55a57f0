"""A password for each account at the broker, in a file of its own in the secrets folder."""

import secrets
from pathlib import Path

from streams.kafka.access import password
from streams.secrets import write_secret
from streams.settings import Settings

BROKER = "broker"
"""As whom the broker speaks to itself."""


def made(settings: Settings, account: str) -> str:
    """The account's password, made where there is none; letters, digits, ``-`` and ``_``.

    Raises:
        OSError: its file cannot be read or written.
    """
    try:
        return password(settings, account)
    except FileNotFoundError:
        write_secret(settings.secret(f"kafka-{account}"), secrets.token_urlsafe(24))
        return password(settings, account)


def passwords(settings: Settings) -> list[Path]:
    """The files that there are."""
    return sorted(settings.secret("").glob("kafka-*"))
