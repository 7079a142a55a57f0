"""The two tokens of an Official Account: one for a day, and one that buys the next two, once.

As the vendor's public documents say (OAuth v4): an access token lasts about 25 hours, a refresh
token three months, and it is good once. So the new pair is written down before it is used; who is
killed between Zalo's answer and that has lost it, and somebody has to authorise the account again.
"""

import hashlib
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec

from services.notifier.channel import FailedError, Keep, RefusedError
from services.notifier.connecting import Connector
from services.notifier.posting import exchange, judge
from streams.events import MINUTE, SECOND, Micros

EARLY: Micros = 5 * MINUTE
"""Before it ends a token is taken for over."""
AUTHORISE = "authorise the Official Account again, and set the channel"


class Given(NamedTuple):
    """What somebody has set."""

    oauth: str
    app_id: str
    app_secret: str
    refresh_token: str
    """The first one."""


def access(keep: Keep, given: Given, connector: Connector, now: Micros, spent: str = "") -> str:
    """A token that is good now; a new one is got where there is none, or it is the ``spent`` one.

    Raises:
        FailedError, RefusedError
    """
    with keep:  # of two that ask at once one would spend the other's refresh token
        known = _known(keep, given)
        token = known.get("access", "")
        if token and token != spent and now < int(known["until"]) - EARLY:
            return token
        return _renewed(keep, given, connector, now, known.get("refresh") or given.refresh_token)


def _known(keep: Keep, given: Given) -> dict[str, str]:
    """What came of the refresh token that is set; of an earlier one nothing."""
    found = keep.read()
    return found if found.get("of") == _of(given) else {}


def _of(given: Given) -> str:
    return hashlib.sha256(f"{given.app_id}\n{given.refresh_token}".encode()).hexdigest()


def _renewed(keep: Keep, given: Given, connector: Connector, now: Micros, refresh: str) -> str:
    asked = {"refresh_token": refresh, "app_id": given.app_id, "grant_type": "refresh_token"}
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "secret_key": given.app_secret,
    }
    url = f"{given.oauth}/v4/oa/access_token"
    answer = exchange(connector, url, urlencode(asked).encode(), headers)
    judge(answer)
    try:
        found: dict[str, Any] = msgspec.json.decode(answer.said, type=dict[str, Any])
        token, following = _token(found["access_token"]), _token(found["refresh_token"])
        lasts = int(found["expires_in"]) * SECOND
    except msgspec.DecodeError:
        raise FailedError("what Zalo answers to a refresh token is no JSON") from None
    except (KeyError, ValueError, TypeError, OverflowError):
        # Zalo answers 200 here, too.
        code = found.get("error", "")
        said_code = f" (error {code})" if isinstance(code, int) else ""
        raise RefusedError(f"Zalo takes the refresh token no more{said_code}: {AUTHORISE}") from (
            None
        )
    made = {"of": _of(given), "access": token, "refresh": following, "until": str(now + lasts)}
    keep.write(made)
    return token


def _token(value: Any) -> str:
    """Raises TypeError, ValueError: none is there, or it fits in no header: what is kept would be
    lost for it."""
    if not isinstance(value, str):
        raise TypeError("no text")
    if not value or not value.isascii() or not value.isprintable():
        raise ValueError("no token")
    return value
