"""Hands a message to a chat service by an address of Apprise's (https://appriseit.com/services/),
such as ``slack://…`` or ``tgram://…``.

Apprise connects by itself, and some of its services run programs or read files. So each message is
a process of its own (``child``), in which only what is open can be connected to, and neither is
possible (decision 0085). Chat services know no idempotency key: after a crash a message may come
twice, and its last line says which one it is.
"""

import json
import re
import subprocess
import sys
from os import environ
from typing import Any

import msgspec

from services.notifier.channel import (
    BadConfigurationError,
    FailedError,
    RefusedError,
    Way,
    Written,
)

ADDRESSED = False
PUBLIC = False
FOLLOWS = False
SECONDS = 30.0
CHILD = "services.notifier.channels.apprise.child"
LONGEST = 2000
KEPT = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "SSL_CERT_FILE")
"""Of the environment; nothing of it points to what is ours."""
_URL = re.compile(r"[a-z0-9]{2,20}://\S*")


class Configuration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    service: str = ""
    """What Apprise calls it, for people."""


class Secrets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    url: str = ""
    """Apprise's, with the tokens in it."""

    def __repr__(self) -> str:
        return "Secrets(…)"


def asks(_: dict[str, str]) -> tuple[str, ...]:
    return ("url",)


def check(_: Configuration, secrets: Secrets) -> tuple[Configuration, Secrets]:
    url = secrets.url
    if not _URL.fullmatch(url) or len(url) > LONGEST or not url.isprintable():
        raise BadConfigurationError("url: give one of Apprise's addresses, such as slack://…")
    try:
        found = _asked({"url": url})
    except FailedError as error:
        raise BadConfigurationError(f"url: {error}") from None
    if not found.get("service"):
        raise BadConfigurationError("url: Apprise knows no such service, or the address is wrong")
    return Configuration(service=str(found["service"])[:64]), secrets


def keeps(_before: Configuration, _after: Configuration) -> bool:
    """Where it goes is a secret itself."""
    return True


def check_address(_: str) -> str:
    raise BadConfigurationError("address: it has one place where all of it goes")


def send(way: Way, written: Written) -> None:
    found = _asked(
        {
            "url": way.secrets.url,
            "title": written.subject,
            "body": f"{written.text}\n[{way.key[:8]}]",
            "door": way.connector.order,
        }
    )
    if found.get("sent"):
        return
    if not found.get("service"):
        raise RefusedError("Apprise knows no such service, or the address is wrong")
    if found.get("closed"):
        raise RefusedError("it is not where CITYOPS_CHANNEL_NETWORKS lets channels connect to")
    raise FailedError(f"{found['service']} did not take it")


def _asked(question: dict[str, Any]) -> dict[str, Any]:
    """What the child says; raises FailedError."""
    command = [sys.executable, "-s", "-P", "-m", CHILD]
    environment = {name: environ[name] for name in KEPT if name in environ}
    try:
        done = subprocess.run(
            command,
            input=json.dumps(question).encode(),
            capture_output=True,
            timeout=SECONDS,
            env=environment,
            check=False,
        )
        found = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise FailedError(f"no answer: {type(error).__name__}") from None
    return found if isinstance(found, dict) else {}
