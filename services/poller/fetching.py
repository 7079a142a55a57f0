"""One question to an address: bounded in size and time, and only to what is open."""

from http.client import HTTPException
from typing import NamedTuple
from urllib.parse import urlsplit

from services.notifier.connecting import Connector

SECONDS = 10.0
"""For a connection, and for each part of an answer; altogether as ``connecting`` limits it."""
MOST_BYTES = 2**20
AGENT = "CityOps"
OK, NOT_MODIFIED = 200, 304


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
        if answer.status == NOT_MODIFIED:
            return None, known
        if answer.status != OK:
            raise FetchError(f"it answers {answer.status}", _wait(answer.getheader("Retry-After")))
        if answer.getheader("Content-Encoding", "identity") != "identity":
            raise FetchError("it compresses its answer, which was not asked for")
        body = answer.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise FetchError(f"its answer has more than {MOST_BYTES} bytes")
        length = answer.getheader("Content-Length", "")
        if length.isdigit() and int(length) != len(body):
            raise FetchError("its answer breaks off")
    except (OSError, HTTPException) as error:
        raise FetchError(str(error) or type(error).__name__) from None
    finally:
        line.close()
    return body, Known(answer.getheader("ETag", ""), answer.getheader("Last-Modified", ""))


def _wait(said: str | None) -> float:
    return float(said) if said and said.isdigit() and len(said) < 6 else 0.0
