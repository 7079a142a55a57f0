"""What no request may hold, refused before any route sees it: plain ASGI, in front of all of them.

Nothing can store a NUL or half of a surrogate pair, and nothing is measured by a number that is not
finite. So routes need not look for them, and a new one cannot forget to.
"""

import json
from collections.abc import Iterator
from math import isfinite
from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.problems import ProblemError, answer

MAX_BODY = 2**20
"""Bytes; the largest that is meant, a camera with zones and rules, has a tenth of it."""


class Guard:
    """Answers 422 or 413 to what cannot be meant; passes on everything else, the body whole."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                _check_address(scope)
                receive = await _checked(scope, receive)
            except ProblemError as problem:
                await answer(problem)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _check_address(scope: Scope) -> None:
    """Bytes that are no UTF-8 need no check: they are read as U+FFFD."""
    if "\0" in scope["path"]:
        raise _refused("path", "a NUL")
    if b"\0" in unquote_to_bytes(scope["query_string"]):
        raise _refused("query", "a NUL")


async def _checked(scope: Scope, receive: Receive) -> Receive:
    """Gives the body again, which has been read to its end; raises ProblemError."""
    headers = Headers(scope=scope)
    if "content-length" not in headers and "transfer-encoding" not in headers:
        return receive
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return _first(message, receive)
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY:
            raise ProblemError(413, "too_large", f"body: give at most {MAX_BODY} bytes")
    _check_body(bytes(body))
    return _first({"type": "http.request", "body": bytes(body), "more_body": False}, receive)


def _first(message: Message, receive: Receive) -> Receive:
    """Gives the message, and then whatever ``receive`` does."""
    waiting = [message]

    async def received() -> Message:
        return waiting.pop() if waiting else await receive()

    return received


def _check_body(body: bytes) -> None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return  # the route says what is wrong with it, where it takes a body at all
    for part in _parts(value):
        if isinstance(part, str):
            if "\0" in part:
                raise _refused("body", "a NUL")
            if any("\ud800" <= character <= "\udfff" for character in part):
                raise _refused("body", "half of a surrogate pair")
        elif isinstance(part, float) and not isfinite(part):
            raise _refused("body", "a number that is not finite")


def _parts(value: Any) -> Iterator[Any]:
    """Every string and number in it, names included; it may be as deep as JSON can be read."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting += [*part.keys(), *part.values()]
        elif isinstance(part, list):
            waiting += part
        else:
            yield part


def _refused(where: str, what: str) -> ProblemError:
    return ProblemError(422, "invalid", f"{where}: it holds {what}")
