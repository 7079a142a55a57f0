"""One question to an address: bounded in size and time, and only to what is open."""

from datetime import UTC, datetime
from http.client import HTTPException
from typing import NamedTuple
from urllib.parse import urlsplit

from services.notifier.connecting import ClosedError, Connector
from services.web import waiting

SECONDS = 10.0
"""For a connection, and for each part of an answer; altogether as ``connecting`` limits it."""
MOST_BYTES = 2**20
AGENT = "CityOps"
OK, NOT_MODIFIED = 200, 304
MOST_SAID = 200
"""Characters of why there is no answer: a stranger may have written them."""
MOST_TAG = 1_000
"""Characters of what it is known by."""


class FetchError(Exception):
    """There is no answer that can be used; says why."""

    def __init__(self, why: str, wait_seconds: float = 0.0) -> None:
        super().__init__(why)
        self.wait_seconds = wait_seconds
        """For so long at least it asks not to be asked."""


class Known(NamedTuple):
    """By which the server tells whether its answer has changed since."""

    tag: str = ""
    modified: str = ""


def fetch(
    connector: Connector, url: str, known: Known, token: str = ""
) -> tuple[bytes | None, Known]:
    """The body, None where it is as it was; and by what it is known from then on.

    Raises:
        FetchError
    """
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    headers = {"Accept-Encoding": "identity", "User-Agent": AGENT}
    headers |= {"If-None-Match": known.tag} if known.tag else {}
    headers |= {"If-Modified-Since": known.modified} if known.modified else {}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    line = connector.http(parts.hostname or "", port, SECONDS, secure=secure)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        if answer.status == NOT_MODIFIED and any(known):
            return None, known
        if answer.status != OK:
            wait = waiting.asked(answer.getheader("Retry-After"), datetime.now(UTC))
            raise FetchError(f"it answers {answer.status}", wait)
        if answer.getheader("Content-Encoding", "identity") != "identity":
            raise FetchError("it compresses its answer, which was not asked for")
        body = answer.read(MOST_BYTES + 1)
        if line.too_slow:
            raise FetchError("its answer takes too long")
        if len(body) > MOST_BYTES:
            raise FetchError(f"its answer has more than {MOST_BYTES} bytes")
        length = answer.getheader("Content-Length", "")
        if length.isdecimal() and int(length) != len(body):
            raise FetchError("its answer breaks off")
    except ClosedError:
        raise FetchError("it is not where CITYOPS_POLLED_NETWORKS lets addresses be") from None
    except (OSError, HTTPException, UnicodeError) as error:  # the last: of a name of a host
        why = " ".join(str(error).split())[:MOST_SAID]
        raise FetchError(why or type(error).__name__) from None
    finally:
        line.close()
    return body, Known(_kept(answer.getheader("ETag")), _kept(answer.getheader("Last-Modified")))


def _kept(said: str | None) -> str:
    """Empty where it could not be said again."""
    return said if said and said.isprintable() and len(said) <= MOST_TAG else ""
