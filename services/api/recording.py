"""Writes what requests ask for into the audit log: changes with the change itself, everything else
before its answer goes out. What cannot be recorded is not done, nor shown (decision 0047).
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from fastapi import Request
from psycopg import Connection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.asked import Asked, asked
from services.api.problems import RETRY_AFTER_SECONDS, ProblemError, answer
from services.audit import log
from services.audit.entry import Entry
from services.audit.recorder import Recorder
from services.audit.spool import UnrecordedError

logger = logging.getLogger(__name__)


@contextmanager
def recorded(request: Request, connection: Connection[Any]) -> Iterator[None]:
    """A transaction with what is done and the line that tells it: both, or neither.

    Raises:
        ProblemError: the line cannot be written.
    """
    with connection.transaction():
        yield
        _write(request, connection)
    recorder_of(request).changed()


def record_first(request: Request, connection: Connection[Any]) -> None:
    """The line of an order, before it is given; raises as ``recorded``."""
    with connection.transaction():
        _write(request, connection)
    recorder_of(request).changed()


def _write(request: Request, connection: Connection[Any]) -> None:
    one = asked(request)
    try:
        log.append(connection, [one.entry("done")])
    except psycopg.OperationalError:
        raise  # it is away, which is another answer
    except psycopg.Error as error:
        logger.error("audit log: %s", str(error).splitlines()[0])
        raise _problem("done") from None
    one.written = True


def recorder_of(request: Request) -> Recorder:
    found: Recorder = request.app.state.recorder
    return found


class Recording:
    """Notes what became of each request, where that is to be; plain ASGI, around all routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        recorder: Recorder = scope["app"].state.recorder
        unrecorded = False

        async def sent(message: Message) -> None:
            nonlocal unrecorded
            if message["type"] == "http.response.start":
                one: Asked | None = state.get("asked")
                found = one and one.answered(message["status"], state.get("reason", ""))
                if found and not await _note(recorder, found) and found.outcome == "done":
                    unrecorded = True
                    await answer(_problem("shown"))(scope, receive, send)
            if not unrecorded:
                await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception:
            one = state.get("asked")
            if one is not None and one.rule is not None:
                await _note(recorder, one.entry("failed", "fault"))
            raise


async def _note(recorder: Recorder, entry: Entry) -> bool:
    try:
        await asyncio.to_thread(recorder.note, entry)
    except UnrecordedError:
        return False
    return True


def unshown() -> ProblemError:
    """What is answered where a view can be recorded nowhere."""
    return _problem("shown")


def _problem(what: str) -> ProblemError:
    said = f"it cannot be recorded, and is not {what}: the service's log says why"
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return ProblemError(503, "not_recorded", said, headers=headers)
