"""What no request may hold or be, refused before any route sees it: plain ASGI, in front of all.

Nothing can store a NUL or half of a surrogate pair, and nothing is measured by a number that is not
finite. So routes need not look for them, and a new one cannot forget to. What a body may cost is
bounded before it is parsed, and before anybody asks who sends it: its bytes, the time that it
takes, how deep it goes, how many parts it has and how long its numbers are.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from math import isfinite
from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.web.problems import ProblemError, answer

MAX_BODY = 2**20
"""Bytes; the largest that is meant, a camera with zones and rules, has a tenth of it."""
MAX_UNKNOWN_BODY = 2**13
"""Of a request without a token or cookie, and so of signing in: a thousand characters of password,
each of them escaped."""
MAX_ADDRESS = 2**13
"""Bytes of path and query."""
BODY_SECONDS = 20.0
"""From the head of a request to the end of its body."""
LINGER_SECONDS = 2.0
"""So long is what a refused sender still sends taken and thrown away: it would not read the answer
otherwise."""
JSON = "application/json"
MAX_DEPTH = 32
MAX_ELEMENTS = 50_000
"""Commas and brackets, wherever they stand, which is no less than there are elements."""
MAX_DIGITS = 40
"""Of a number, one after the other."""

_STRING = re.compile(r'"(?:[^"\\]+|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_DIGITS = re.compile(rf"[0-9]{{{MAX_DIGITS + 1}}}")


class Guard:
    """Answers 408, 413, 414, 415 or 422 to what cannot be meant; passes on all else, the body
    whole.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                check_address(scope)
                receive = await _checked(scope, receive)
            except ProblemError as problem:
                await refuse(problem, scope, receive, send, unread=problem.status in (408, 413))
                return
        await self._app(scope, receive, send)


async def refuse(
    problem: ProblemError, scope: Scope, receive: Receive, send: Send, *, unread: bool
) -> None:
    """Ends the connection where the body has not been read to its end."""
    if not unread:
        await answer(problem)(scope, receive, send)
        return

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start" and scope["http_version"].startswith("1"):
            message["headers"] = [*message["headers"], (b"connection", b"close")]
        if message["type"] == "http.response.body":
            await send({**message, "more_body": True})
            await _discard(receive)
            message = {**message, "body": b"", "more_body": False}
        await send(message)

    await answer(problem)(scope, receive, sent)


async def _discard(receive: Receive) -> None:
    left = 4 * MAX_BODY
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            while left > 0:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
                left -= len(message.get("body", b""))
    except TimeoutError:
        return


def check_address(scope: Scope) -> None:
    """Bytes that are no UTF-8 need no check: they are read as U+FFFD."""
    if len(scope["raw_path"] or b"") + len(scope["query_string"]) > MAX_ADDRESS:
        raise ProblemError(414, "too_long", f"address: give at most {MAX_ADDRESS} bytes")
    if "\0" in scope["path"]:
        raise _refused("path", "a NUL")
    if b"\0" in unquote_to_bytes(scope["query_string"]):
        raise _refused("query", "a NUL")


def limit(headers: Headers) -> int:
    """Bytes that the body may have."""
    known = "authorization" in headers or "cookie" in headers
    return MAX_BODY if known else MAX_UNKNOWN_BODY


class Left(Exception):
    """Whoever asked has gone before the body was whole."""

    def __init__(self, message: Message) -> None:
        super().__init__(message["type"])
        self.message = message


async def _checked(scope: Scope, receive: Receive) -> Receive:
    """Gives the body again, which has been read to its end; raises ProblemError."""
    headers = Headers(scope=scope)
    # HTTP/2 needs neither: there the end of the head says whether a body follows.
    if not scope["http_version"].startswith("2") and not (
        "content-length" in headers or "transfer-encoding" in headers
    ):
        return receive
    try:
        body = await read(headers, receive, limit(headers))
    except Left as left:
        return _first(left.message, receive)
    _check_type(headers, body)
    _check_body(body)
    return _first({"type": "http.request", "body": body, "more_body": False}, receive)


async def read(headers: Headers, receive: Receive, most: int) -> bytes:
    """The body, of so many bytes at most.

    Raises:
        ProblemError: 408 or 413; more of it may come then.
        Left
    """
    said = headers.get("content-length", "0")
    if said.isdecimal() and int(said[:20]) > most:
        raise _too_large(most)
    body, more = bytearray(), True
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while more:
                message = await receive()
                if message["type"] != "http.request":
                    raise Left(message)
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > most:
                    raise _too_large(most)
    except TimeoutError:
        detail = f"body: send it within {BODY_SECONDS:g} seconds"
        raise ProblemError(408, "too_slow", detail) from None
    return bytes(body)


def _check_type(headers: Headers, body: bytes) -> None:
    """Whatever takes a body takes JSON; a page of another site could send none without asking."""
    said = headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and said != JSON:
        detail = f"body: send it as {JSON}, and say so in Content-Type"
        raise ProblemError(415, "no_json", detail)


def _too_large(most: int) -> ProblemError:
    return ProblemError(413, "too_large", f"body: give at most {most} bytes")


def _first(message: Message, receive: Receive) -> Receive:
    """Gives the message, and then whatever ``receive`` does."""
    waiting = [message]

    async def received() -> Message:
        return waiting.pop() if waiting else await receive()

    return received


def text_of(body: bytes) -> str:
    """Raises ProblemError 422 where it is no text that anything can store."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused("body", "bytes that are no UTF-8") from None
    if "\0" in text:  # JSON in UTF-16 without a mark, which would be read all the same
        raise _refused("body", "a NUL")
    return text


def _check_body(body: bytes) -> None:
    if not body:
        return
    text = text_of(body)
    check_size(text)
    try:
        value = json.loads(text)
    except ValueError:
        return  # the route says what is wrong with it, where it takes a body at all
    for part in _parts(value):
        if isinstance(part, str):
            if "\0" in part:
                raise _refused("body", "a NUL")
            if any("\ud800" <= character <= "\udfff" for character in part):
                raise _refused("body", "half of a surrogate pair")
        elif isinstance(part, float) and not isfinite(part):
            raise _refused("body", "a number that is not finite")


def check_size(text: str) -> None:
    """What parsing JSON would cost, told without parsing it; raises ProblemError 422."""
    openers = text.count("[") + text.count("{")
    if openers + text.count(",") > MAX_ELEMENTS:
        raise _refused("body", f"more than {MAX_ELEMENTS} values")
    if openers <= MAX_DEPTH and not _DIGITS.search(text):
        return
    bare = _STRING.sub('""', text)
    if _DIGITS.search(bare):
        raise _refused("body", f"a number of more than {MAX_DIGITS} digits")
    depth = 0
    for bracket in _BRACKET.finditer(bare):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > MAX_DEPTH:
            raise _refused("body", f"more than {MAX_DEPTH} lists or objects in one another")


def _parts(value: Any) -> Iterator[Any]:
    """Every string and number in it, names included."""
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
