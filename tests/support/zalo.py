"""A receiver that answers as the vendor's public documents say that a Zalo Official Account does.

Not the real service, which nothing here was ever tried against. A refresh token is good once, a new
pair ends the access token before it, and what fails is answered with 200 and an ``error``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import msgspec

from tests.support.threaded import serve

APP_ID, APP_SECRET, FIRST_REFRESH = "4312345678", "app-s3cret", "refresh-0"
FOLLOWER = "2512523625412515"


class Zalo:
    """``texts``: what followers have got, in order."""

    def __init__(self) -> None:
        self.port = 0
        self.texts: list[tuple[str, str]] = []
        self.errors: list[int] = []
        """What it answers to messages next."""
        self.statuses: list[int] = []
        self.lasts = 90_000
        self.refreshed = 0
        self.access, self.refresh = "", FIRST_REFRESH
        self.odd: bytes | None = None
        """What it answers instead of JSON."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def configuration(self) -> dict[str, str]:
        return {"app_id": APP_ID, "api": self.url, "oauth": self.url}

    @property
    def secrets(self) -> dict[str, str]:
        return {"app_secret": APP_SECRET, "refresh_token": FIRST_REFRESH}

    def token(self, headers: Any, asked: dict[str, list[str]]) -> dict[str, Any]:
        wanted = {
            "refresh_token": [self.refresh],
            "app_id": [APP_ID],
            "grant_type": ["refresh_token"],
        }
        if headers["secret_key"] != APP_SECRET or asked != wanted:
            return {"error": -14020, "error_name": "Invalid refresh token"}
        self.refreshed += 1
        self.access, self.refresh = f"access-{self.refreshed}", f"refresh-{self.refreshed}"
        return {
            "access_token": self.access,
            "refresh_token": self.refresh,
            "expires_in": str(self.lasts),  # as a string, as in the vendor's example
        }

    def message(self, headers: Any, asked: dict[str, Any]) -> dict[str, Any]:
        if headers["access_token"] != self.access:
            return {"error": -216, "message": "Access token is invalid"}
        if self.errors and (code := self.errors.pop(0)):
            return {"error": code, "message": f"no, {asked['recipient']['user_id']}"}
        if asked["recipient"]["user_id"] != FOLLOWER:
            return {"error": -213, "message": "User has not followed OA"}
        if not 0 < len(asked["message"]["text"]) <= 2000:
            return {"error": -210, "message": "Parameter exceeds allowable limit"}
        self.texts.append((asked["recipient"]["user_id"], asked["message"]["text"]))
        return {"error": 0, "message": "Success", "data": {"message_id": str(len(self.texts))}}


@contextmanager
def zalo() -> Iterator[Zalo]:
    there = Zalo()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, found = 200, {}
            if self.path == "/v4/oa/access_token":
                found = there.token(self.headers, parse_qs(body.decode()))
            elif self.path == "/v3.0/oa/message/cs":
                status = there.statuses.pop(0) if there.statuses else 200
                found = there.message(self.headers, msgspec.json.decode(body))
            else:
                status = 404
            said = msgspec.json.encode(found) if there.odd is None else there.odd
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        there.port = server.server_port
        serve(server)
        yield there
        server.shutdown()
