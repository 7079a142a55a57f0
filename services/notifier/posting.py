"""Hands something to a server over HTTP, and says what came of it as channels do."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http.client import HTTPException
from typing import NamedTuple
from urllib.parse import urlsplit

from services.notifier.channel import SECONDS, BadConfigurationError, FailedError, RefusedError
from services.notifier.connecting import ClosedError, Connector, unanswered
from services.web import waiting

AGAIN = frozenset({408, 425, 429})
"""Answers of the client's fault that are over by themselves."""
MOST_BYTES = 65_536
"""Of an answer."""


class Answer(NamedTuple):
    status: int
    said: bytes
    """Its first bytes."""
    wait_seconds: float
    """For which it asks not to be asked again; 0: it says nothing of that."""


def check_url(url: str) -> str:
    """Its scheme and host, which may be seen; raises BadConfigurationError."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or port == 0 or parts.scheme not in ("http", "https") or not url.isprintable():
        raise BadConfigurationError("url: give an address that begins with https:// or http://")
    if parts.username or parts.password:
        raise BadConfigurationError("url: no user and no password in it")
    return f"{parts.scheme}://{host}"


def exchange(
    connector: Connector,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
    method: str = "POST",
    *,
    most: int = MOST_BYTES,
) -> Answer:
    """Whatever is answered; redirects are not followed.

    Raises:
        FailedError: there is none.
        RefusedError: it is not where channels may connect to.
    """
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    where = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = connector.http(
        parts.hostname or "", parts.port or (443 if secure else 80), SECONDS, secure=secure
    )
    try:
        connection.request(method, where, body, {"User-Agent": "CityOps", **headers})
        answer = connection.getresponse()
        said = answer.read(most) if most else b""
        if most and connection.too_slow:
            raise FailedError("no answer: too slow")
        wait = waiting.asked(answer.getheader("Retry-After"), datetime.now(UTC))
        return Answer(answer.status, said, wait)
    except ClosedError as error:
        raise RefusedError(str(error)) from None
    except (OSError, HTTPException) as error:  # whose text may hold the address
        raise FailedError(unanswered(error)) from None
    finally:
        connection.close()


def judge(answer: Answer) -> None:
    """Returns where it is 2xx; raises FailedError, RefusedError."""
    status, wait = answer.status, answer.wait_seconds
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise RefusedError(f"it answers {status}, and redirects are not followed")
    if status >= 500 or status in AGAIN:
        asks = f", and asks for {wait:.0f} s" if wait else ""
        raise FailedError(f"it answers {status}{asks}", wait)
    raise RefusedError(f"it answers {status}")


def post(
    connector: Connector,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
    method: str = "POST",
) -> None:
    """Returns where the answer is 2xx, whatever it says; redirects are not followed.

    Raises:
        FailedError, RefusedError
    """
    judge(exchange(connector, url, body, headers, method, most=0))
