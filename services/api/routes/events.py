"""``/api/events``: Server-Sent Events, one for each transition."""

import json
from collections.abc import AsyncIterator
from time import monotonic
from typing import Annotated

import psycopg
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from services.api.auth import asker, may, token_of
from services.api.bodies import StreamedBody
from services.api.life import event_time
from services.api.live import Live
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.withdrawals import Open, Withdrawals
from streams.events import to_rfc3339

router = APIRouter(tags=["live"])

ALIVE_SECONDS = 5.0
LOOK_SECONDS = 1.0
"""Where nothing happens: so long at most a stream outlives the right to it, once that is known."""
RETRY_MS = 1000


class EventStream(StreamingResponse):
    media_type = "text/event-stream"


_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get(
    "/api/events",
    response_class=EventStream,
    dependencies=[may(Permission.ALERTS_READ)],
    responses={
        200: {
            "model": StreamedBody,
            "description": "Events: `alert` (id: sequence; data: StreamedBody), `hello`, `alive`,"
            " `reset`",
            "content": {
                "text/event-stream": {
                    "example": "id: 4712\nevent: alert\n"
                    'data: {"transition": {"kind": "acknowledged"}, "alert": {"state": "…"}}\n\n'
                }
            },
        },
        **answers(401, 422),
    },
)
async def events(
    request: Request,
    last_event_id: Annotated[
        int | None, Header(description="Sent by browsers when they reconnect", ge=0)
    ] = None,
    after: Annotated[
        int | None,
        Query(ge=0, description="`last_event_id` of a list: the stream goes on where it ends"),
    ] = None,
) -> EventStream:
    """Every transition after `Last-Event-ID` (or `after`), each once, in the order of commit.

    With neither, from now on. `hello` comes first and carries the id to resume from; `alive` every
    five seconds; `reset` where the database is another one than the client knows: load the list
    again. It ends within seconds of the session, and when its rights or its area are changed.
    """
    live: Live = request.app.state.live
    asked = last_event_id if last_event_id is not None else after
    try:
        begin = await live.begin(asked)
        anew = begin is None
        start = begin if begin is not None else await live.begin(None)
    except psycopg.OperationalError:
        raise ProblemError(503, "database_away", "the database is away") from None
    session = asker(request)
    withdrawals: Withdrawals = request.app.state.withdrawals
    stream = _stream(request, live, start or 0, anew, withdrawals.open(token_of(request), session))
    return EventStream(stream, headers=_HEADERS)


async def _stream(
    request: Request, live: Live, start: int, anew: bool, open: Open
) -> AsyncIterator[str]:
    """Ends as soon as the session is void, or may something else than when it was opened."""
    with open:
        name = "reset" if anew else "hello"
        yield f"retry: {RETRY_MS}\n" + _event(name, _now(request, start), id=start)
        last, said = start, monotonic()
        async for streamed in live.transitions(start, LOOK_SECONDS):
            if open.withdrawn:
                return
            text = None
            if streamed is not None:
                last, text = streamed.sequence, streamed.text_for(open.area)
            if text is not None:
                said = monotonic()
                yield _event("alert", text, id=last)
            elif monotonic() - said >= ALIVE_SECONDS - LOOK_SECONDS / 2:
                said = monotonic()
                yield ": keep-alive\n" + _event("alive", _now(request, last))


def _event(name: str, data: str, *, id: int | None = None) -> str:
    number = "" if id is None else f"id: {id}\n"
    return f"{number}event: {name}\ndata: {data}\n\n"


def _now(request: Request, last: int) -> str:
    return json.dumps({"time": to_rfc3339(event_time(request)), "last_event_id": last})
