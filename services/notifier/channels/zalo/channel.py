"""Sends a message of a Zalo Official Account to somebody who writes with it.

Not tried against the real service: against a receiver of our own only, written from the vendor's
public documents (Official Account API v3.0, consultation messages; OAuth v4). Zalo has no
idempotency key: after a crash a message may come twice. A recipient's address is their id at this
Official Account (``user_id``), which Zalo says when they write to it, and which is no telephone
number; who has not written for seven days is not reached, which is Zalo's rule.
"""

import re
from typing import Any

import msgspec

from services.notifier.channel import BadConfigurationError, FailedError, Way, Written
from services.notifier.channels.zalo import errors
from services.notifier.channels.zalo.tokens import Given, access
from services.notifier.posting import check_url, exchange, judge
from streams.stamps import wall_clock

ADDRESSED = True
PUBLIC = False
FOLLOWS = False
API, OAUTH = "https://openapi.zalo.me", "https://oauth.zaloapp.com"
LONGEST = 2000
"""Characters of a text, as the vendor says."""
_NUMBER = re.compile(r"[0-9]{5,32}")


class Configuration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    app_id: str = ""
    """Of the application at developers.zalo.me that the Official Account has authorised."""
    api: str = API
    """Where messages go; another one only where Zalo moves, or somebody rehearses."""
    oauth: str = OAUTH
    """Where tokens come from."""


class Secrets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    app_secret: str = ""
    refresh_token: str = ""
    """The first one, as Zalo gives it to who authorises the application; what comes after it the
    notifier keeps."""

    def __repr__(self) -> str:
        return "Secrets(…)"


def asks(_: dict[str, str]) -> tuple[str, ...]:
    return ("app_secret", "refresh_token")


def check(configuration: Configuration, secrets: Secrets) -> tuple[Configuration, Secrets]:
    if not _NUMBER.fullmatch(configuration.app_id):
        raise BadConfigurationError("app_id: give the application's number at developers.zalo.me")
    for name in ("api", "oauth"):
        url = getattr(configuration, name)
        if check_url(url) == "" or "?" in url or "#" in url or url.endswith("/"):
            raise BadConfigurationError(f"{name}: give an address such as {API}")
    for name in ("app_secret", "refresh_token"):
        value = getattr(secrets, name)
        if not value or not value.isascii() or not value.isprintable() or " " in value:
            raise BadConfigurationError(f"{name}: give it as Zalo shows it")
    return configuration, secrets


def keeps(before: Configuration, after: Configuration) -> bool:
    """Secrets stay with the application, and with the places that they are sent to."""
    return before == after


def check_address(address: str) -> str:
    if not _NUMBER.fullmatch(address.strip()):
        raise BadConfigurationError(
            "address: give the user_id at this Official Account, which is digits;"
            " it is no telephone number"
        )
    return address.strip()


def text_of(written: Written) -> str:
    """Its mark as an exercise stands first, and the link to the first alert is never cut."""
    text = f"{written.subject}\n\n{written.text}".strip()
    if len(text) <= LONGEST:
        return text
    (first, *_) = written.data
    tail = "…" if first["test"] else f"…\n{first['link']}"
    return text[: LONGEST - len(tail)] + tail


def send(way: Way, written: Written) -> None:
    where: Configuration = way.configuration
    given = Given(where.oauth, where.app_id, way.secrets.app_secret, way.secrets.refresh_token)
    message = {"recipient": {"user_id": way.address}, "message": {"text": text_of(written)}}
    body = msgspec.json.encode(message)
    token = access(way.keep, given, way.connector, wall_clock())
    code = _asked(way, body, token)
    if code in errors.TOKEN:
        # Another message may have got a new one meanwhile, which ends the one before.
        code = _asked(way, body, access(way.keep, given, way.connector, wall_clock(), token))
    errors.raise_for(code)


def _asked(way: Way, body: bytes, token: str) -> int:
    """What Zalo answers, as its codes say it; raises FailedError, RefusedError."""
    headers = {"Content-Type": "application/json; charset=utf-8", "access_token": token}
    url = f"{way.configuration.api}/v3.0/oa/message/cs"
    answer = exchange(way.connector, url, body, headers)
    if answer.status == 401:
        return errors.INVALID_TOKEN
    judge(answer)
    try:
        found: dict[str, Any] = msgspec.json.decode(answer.said, type=dict[str, Any])
    except msgspec.DecodeError:
        raise FailedError("what Zalo answers is no JSON") from None
    code = found.get("error")
    if type(code) is not int:  # false is none, and would be 0
        raise FailedError("what Zalo answers does not say whether it has it")
    return code
