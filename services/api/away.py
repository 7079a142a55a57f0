"""Nobody waits for a database that gives no sign of life: plain ASGI, in front of all routes."""

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.problems import RETRY_AFTER_SECONDS, ProblemError, answer
from services.api.pulse import Pulse

RESTS_ON_IT = ("/api/", "/healthz")
"""All that asks who asks, and what says whether all is well."""


class Away:
    """Answers 503 while the database is away, also to who has been waiting; an answer that has
    begun goes on.
    """

    def __init__(self, app: ASGIApp, pulse: Pulse) -> None:
        self._app, self._pulse = app, pulse
        self._waiting: set[asyncio.Task[Any]] = set()
        """Requests that have no answer yet."""
        self._given_up: set[asyncio.Task[Any]] = set()
        pulse.when_lost.append(self._give_up)

    def _give_up(self) -> None:
        """What runs in threads goes on there until its connection is shut, and for nobody."""
        for task in self._waiting:
            task.cancel()
        self._given_up |= self._waiting
        self._waiting.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(RESTS_ON_IT):
            await self._app(scope, receive, send)
            return
        if self._pulse.lost:
            await _answer(scope, receive, send)
            return
        task = asyncio.current_task()
        assert task is not None

        async def sent(message: Message) -> None:
            self._waiting.discard(task)
            await send(message)

        self._waiting.add(task)
        try:
            await self._app(scope, receive, sent)
        except asyncio.CancelledError:
            if task not in self._given_up:
                raise
            task.uncancel()
            await _answer(scope, receive, send)
        finally:
            self._waiting.discard(task)
            self._given_up.discard(task)


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    away = ProblemError(503, "database_away", "the database is away", headers=headers)
    await answer(away)(scope, receive, send)
