"""The HTTP interface, put together: what it holds, and its routes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.metadata import version
from pkgutil import iter_modules

from fastapi import FastAPI
from psycopg_pool import ConnectionPool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api import problems, routes
from services.api.doubts import Facts
from services.api.guard import Guard
from services.api.live import Live
from services.api.newest import NewestFrames
from services.api.outage import Outages
from services.api.routes.drift import Drift
from services.api.static import Console
from streams.database import conninfo
from streams.events import Micros
from streams.kafka.heartbeat import HeartbeatFollower, stalled_since
from streams.settings import Settings
from streams.stamps import wall_clock

CONNECTIONS = 8
REMEMBERED_SECONDS = 600.0
"""A part that fell silent so long before this service began is still known, and missed."""
WAIT_SECONDS = 5.0
"""For a connection; a request that gets none by then is told that the database is away."""

DESCRIPTION = """\
Alerts, from the incident that raises one to the operator who resolves it.

Sign in with `POST /api/session`: browsers get a cookie, programs send the token as
`Authorization: Bearer …`. Every error is `application/problem+json` with a one-line `detail` and
a `reason` for programs. Times are RFC 3339 in UTC. `GET /api/events` streams every change.
"""
TAGS = [
    {"name": "session", "description": "Signing in and out."},
    {"name": "alerts", "description": "What operators see and do."},
    {"name": "live", "description": "Every change, as it happens, without loss or repetition."},
    {"name": "incidents", "description": "What alerts are made of."},
    {"name": "corrections", "description": "Values of sensors that another one has replaced."},
    {"name": "accounts", "description": "What became of every value that came."},
    {"name": "sources", "description": "Cameras and sensors, and when each was last heard of."},
    {"name": "configuration", "description": "Cameras, zones and rules, for engineers to change."},
    {"name": "health", "description": "Whether everything runs."},
    {"name": "clock", "description": "Whether the machine's clock is believed."},
    {"name": "catalogue", "description": "Kinds of incidents and feeds, with their words."},
]


def create_app(settings: Settings) -> FastAPI:
    """The app; its connections open when it starts and close when it ends.

    Its routes are those of every module in ``services.api.routes``, under its ``router``.

    Raises:
        AttributeError: a module there has no ``router``.
    """
    app = FastAPI(
        title="CityOps alerts",
        version=version("cityops"),
        description=DESCRIPTION,
        openapi_tags=TAGS,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.settings = settings
    app.state.live = Live(settings)
    app.state.frames = NewestFrames(settings)
    app.state.facts, app.state.drift = Facts(), Drift()
    app.state.problem = lambda: ""
    app.state.pool = ConnectionPool(
        conninfo(settings, "alerts-api"),
        min_size=1,
        max_size=CONNECTIONS,
        timeout=WAIT_SECONDS,
        kwargs={"autocommit": True},
        check=ConnectionPool.check_connection,
        open=False,
    )
    problems.install(app)
    for found in iter_modules(routes.__path__):
        app.include_router(import_module(f"{routes.__name__}.{found.name}").router)
    app.add_middleware(Console)
    app.add_middleware(Guard)
    app.add_middleware(SafeHeaders)
    return app


def event_time_stalled_since(app: FastAPI) -> Micros | None:
    """Where event time has stalled; None: it goes on, or no worker has been heard of yet."""
    heard: HeartbeatFollower | None = getattr(app.state, "heartbeats", None)
    return stalled_since(heard.latest().values(), wall_clock()) if heard else None


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.pool.open(wait=False)
    app.state.live.start()
    app.state.frames.start()
    app.state.heartbeats = HeartbeatFollower(app.state.settings, REMEMBERED_SECONDS)
    app.state.outages = Outages(app.state.settings)
    try:
        yield
    finally:
        await app.state.live.close()
        await asyncio.to_thread(app.state.frames.close)
        await asyncio.to_thread(app.state.heartbeats.close)
        await asyncio.to_thread(app.state.outages.close)
        await asyncio.to_thread(app.state.pool.close)


class SafeHeaders:
    """What every response says to browsers; plain ASGI, so that streams stay streams."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
                headers.setdefault("X-Frame-Options", "DENY")
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
