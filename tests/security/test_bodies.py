"""What a stranger may send: refused before it is parsed, before anybody asks who sends it."""

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.web import guard
from services.web.guard import (
    MAX_ADDRESS,
    MAX_BODY,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_ELEMENTS,
    MAX_UNKNOWN_BODY,
    Guard,
)

TOKEN = (b"authorization", b"Bearer x")


async def parsing(scope: Scope, receive: Receive, send: Send) -> None:
    """Parses what comes, whatever it costs, as a route does."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return
        body += message.get("body", b"")
        more = message.get("more_body", False)
    json.loads(body or b"null")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


class Asked:
    """One request, by hand: what is read of it, and what is answered."""

    def __init__(
        self,
        chunks: Sequence[bytes],
        headers: Sequence[tuple[bytes, bytes]] = (TOKEN,),
        *,
        says: int | None = None,
        path: str = "/api/rules",
        query: bytes = b"",
        unfinished: bool = False,
        version: str = "1.1",
    ) -> None:
        length = sum(map(len, chunks)) if says is None else says
        self.scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query,
            "http_version": version,
            "headers": [
                *headers,
                (b"content-length", str(length).encode()),
                (b"content-type", b"application/json"),
            ],
        }
        self.waiting = list(chunks)
        self.unfinished = unfinished
        self.read = 0
        self.read_before_answer = 0
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.body = b""

    async def receive(self) -> Message:
        if not self.waiting and self.unfinished:
            await asyncio.sleep(3600)
        if not self.waiting and self.read < 0:
            return {"type": "http.disconnect"}
        chunk = self.waiting.pop(0) if self.waiting else b""
        self.read += len(chunk)
        more = bool(self.waiting) or self.unfinished
        return {"type": "http.request", "body": chunk, "more_body": more}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
            self.read_before_answer = self.read
        else:
            self.body += message.get("body", b"")

    @property
    def reason(self) -> str:
        return str(json.loads(self.body)["reason"])


def answered(app: ASGIApp, asked: Asked) -> Asked:
    asyncio.run(app(asked.scope, asked.receive, asked.send))  # type: ignore[arg-type]
    return asked


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.3)
    monkeypatch.setattr(guard, "LINGER_SECONDS", 0.1)


def test_what_says_that_it_is_too_large_is_refused_unread() -> None:
    asked = answered(Guard(parsing), Asked([b"x"] * 5, says=MAX_BODY + 1))
    assert (asked.status, asked.reason, asked.read_before_answer) == (413, "too_large", 0)
    assert asked.headers[b"connection"] == b"close"


@pytest.mark.parametrize("size", [MAX_UNKNOWN_BODY + 1, MAX_BODY])
def test_who_gives_no_token_may_send_less(size: int) -> None:
    body = [b'"' + b"x" * (size - 2) + b'"']
    assert answered(Guard(parsing), Asked(body, ())).status == 413
    assert answered(Guard(parsing), Asked(body, (TOKEN,))).status == 200
    assert answered(Guard(parsing), Asked(body, ((b"cookie", b"a=b"),))).status == 200


def test_what_says_less_than_it_sends_is_refused_at_the_limit() -> None:
    asked = Asked([b" " * 2**16] * 64, says=0)
    assert answered(Guard(parsing), asked).status == 413
    assert asked.read_before_answer <= MAX_BODY + 2**16


def test_over_http_2_no_header_says_that_the_connection_ends() -> None:
    asked = answered(Guard(parsing), Asked([b"x"], says=MAX_BODY + 1, version="2"))
    assert (asked.status, b"connection" in asked.headers) == (413, False)


def test_what_was_half_sent_is_given_up() -> None:
    for chunks in ([], [b'{"name": '], [b"[", b"1", b","]):
        asked = answered(Guard(parsing), Asked(chunks, says=100, unfinished=True))
        assert (asked.status, asked.reason) == (408, "too_slow")


def test_control_without_the_guard_what_was_half_sent_waits_for_ever() -> None:
    asked = Asked([b"["], says=100, unfinished=True)

    async def patiently() -> None:
        async with asyncio.timeout(1):
            await parsing(asked.scope, asked.receive, asked.send)

    with pytest.raises(TimeoutError):
        asyncio.run(patiently())


def nested(depth: int, opener: str = "[", closer: str = "]") -> bytes:
    return (opener * depth + closer * depth).encode()


DEEP = [
    nested(MAX_DEPTH + 1),
    nested(500_000),
    b"[" * 40_000,
    b'{"a":' * 40_000,
    nested(MAX_DEPTH + 1, '{"a":', "}").replace(b":}", b":1}"),
    b'["\\"", "[[[", ' + nested(MAX_DEPTH) + b"]",
    b"\xef\xbb\xbf" + nested(MAX_DEPTH + 1),
]


@pytest.mark.parametrize("body", DEEP, ids=lambda body: repr(body[:12]))
def test_what_is_too_deep_is_not_parsed(body: bytes) -> None:
    assert answered(Guard(parsing), Asked([body])).status == 422


def test_control_without_the_guard_a_deep_body_is_a_fault() -> None:
    with pytest.raises(RecursionError):
        answered(parsing, Asked([b"[" * 40_000]))


@pytest.mark.parametrize(
    "body",
    [
        nested(MAX_DEPTH),
        json.dumps("[" * 500).encode(),
        json.dumps(["\\" * 99, '"[{' * 99, '\\"']).encode(),
        json.dumps({"a": {"b": [[[0.5, "x"]] * 100]}}).encode(),
        b"[" + b"1," * (MAX_ELEMENTS - 10) + b"1]",
        b"9" * MAX_DIGITS,
        json.dumps("7" * 500).encode(),
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_meant_passes(body: bytes) -> None:
    assert answered(Guard(parsing), Asked([body])).status == 200


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[" + b"1," * (MAX_ELEMENTS + 10) + b"1]", "values"),
        (b"[" + b"{}," * MAX_ELEMENTS + b"{}]", "values"),
        (b"9" * (MAX_DIGITS + 1), "digits"),
        (b'{"a": -0.' + b"1" * 4000 + b"}", "digits"),
        (b"9" * 5000, "digits"),
        ("[[[[1]]]]".encode("utf-16"), "UTF-8"),
        ("[[[[1]]]]".encode("utf-16-le"), "NUL"),
        (('["\u2200", ' + "[" * 100 + "]" * 101).encode("utf-16-le"), "NUL"),
        ("[1]".encode("utf-32"), "UTF-8"),
        (b'["\xed\xa0\x80"]', "UTF-8"),
    ],
    ids=lambda value: repr(value[:12]),
)
def test_what_costs_too_much_is_refused_and_says_why(body: Any, said: str) -> None:
    asked = answered(Guard(parsing), Asked([body]))
    assert (asked.status, asked.reason) == (422, "invalid")
    assert said in json.loads(asked.body)["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b'"' * MAX_BODY,
        b'"' + b'\\"' * (MAX_BODY // 2 - 1),
        b"\\" * MAX_BODY,
        b"[" * 40_000 + b'"' * (MAX_BODY - 40_000),
        b"[" * 40 + b'"' + b'\\"' * (MAX_BODY // 2 - 40),
        b"[" * 40 + b"]" * (MAX_BODY - 40),
        b"1" * MAX_BODY,
    ],
    ids=lambda body: repr(body[:6]),
)
def test_no_body_takes_long_to_judge(body: bytes) -> None:
    began = time.process_time()
    answered(Guard(parsing_nothing), Asked([body]))
    # Milliseconds; what is quadratic in a megabyte takes minutes.
    assert time.process_time() - began < 5


async def parsing_nothing(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_an_address_has_an_end() -> None:
    long = "/" + "x" * MAX_ADDRESS
    assert answered(Guard(parsing), Asked([], path=long)).status == 414
    assert answered(Guard(parsing), Asked([], query=b"x" * MAX_ADDRESS)).status == 414
    assert answered(Guard(parsing), Asked([], query=b"x" * 1000)).status == 200
