"""The HTTP interface, put together: what it holds, and its routes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.metadata import version
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from fastapi import FastAPI
from psycopg_pool import ConnectionPool
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from services.api import guide, problems, routes
from services.api.asked import now_of
from services.api.away import Away
from services.api.description import DescribedApp
from services.api.doubts import Facts
from services.api.exports.making import Exports
from services.api.flooding import Floods
from services.api.latest import Latest
from services.api.life import Acquaintance
from services.api.live import Live
from services.api.live_masks import LiveMasks
from services.api.newest import NewestDetections, NewestFrames
from services.api.outage import Outages
from services.api.passwords import Hashing
from services.api.printed import Printed
from services.api.pulse import Pulse
from services.api.recording import Recording
from services.api.routes.drift import Drift
from services.api.static import Console
from services.api.uploads import Uploads
from services.api.withdrawals import Withdrawals
from services.audit.recorder import Recorder
from services.privacy.vault import Vault
from services.web.connections import proxies_of
from services.web.guard import Guard
from services.web.headers import SafeHeaders
from streams.database import conninfo
from streams.events import Micros
from streams.kafka.heartbeat import HeartbeatFollower, event_time, stalled_since
from streams.settings import Settings
from streams.stamps import steady_clock, wall_clock

if TYPE_CHECKING:
    from services.api.provider.provider import Provider

CONNECTIONS = 8
REMEMBERED_SECONDS = 600.0
"""A part that fell silent so long before this service began is still known, and missed."""
WAIT_SECONDS = 5.0
"""For a connection; a request that gets none by then is told that the database is away."""
STATEMENT_SECONDS = 15
"""A query that takes longer is given up: so long does nobody wait for a list."""

DESCRIPTION = """\
Alerts, from the incident that raises one to the operator who resolves it.

Sign in with `POST /api/session`: browsers get a cookie, programs send the token as
`Authorization: Bearer …`. Every error is `application/problem+json` with a one-line `detail` and
a `reason` for programs. Times are RFC 3339 in UTC. `GET /api/events` streams every change.
"""
TAGS = [
    {"name": "session", "description": "Signing in and out, and one's own sessions and tokens."},
    {"name": "people", "description": "Users and their roles, for administrators to change."},
    {"name": "alerts", "description": "What operators see and do."},
    {"name": "live", "description": "Every change, as it happens, without loss or repetition."},
    {"name": "incidents", "description": "What alerts are made of."},
    {"name": "corrections", "description": "Values of sensors that another one has replaced."},
    {"name": "accounts", "description": "What became of every value that came."},
    {"name": "sources", "description": "Cameras and sensors, and when each was last heard of."},
    {"name": "indicators", "description": "Figures by which the city is judged."},
    {"name": "assets", "description": "All that the city has, and what depends on what."},
    {"name": "exports", "description": "Any of these as files for a spreadsheet."},
    {"name": "privacy", "description": "How long pictures of people are kept, and erasing them."},
    {"name": "configuration", "description": "Cameras, zones and rules, for engineers to change."},
    {"name": "notifications", "description": "Who is on call, and who is told of what."},
    {"name": "health", "description": "Whether everything runs."},
    {"name": "clock", "description": "Whether the machine's clock is believed."},
    {"name": "catalogue", "description": "Kinds of incidents and feeds, with their words."},
]


def create_app(settings: Settings) -> FastAPI:
    """The app; its connections open when it starts and close when it ends.

    Its routes are those of every module in ``services.api.routes``, under its ``router``.

    Raises:
        AttributeError: a module there has no ``router``.
        SettingError: a severity that is demanded is none.
    """
    guide.checked(settings)
    app = DescribedApp(
        title="CityOps alerts",
        version=version("cityops"),
        description=DESCRIPTION,
        openapi_tags=TAGS,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.settings, app.state.acquaintance = settings, Acquaintance(steady_clock())
    app.state.pulse = pulse = Pulse(settings)
    app.state.live = Live(settings, pulse.know)
    app.state.frames = NewestFrames(settings)
    app.state.detections = NewestDetections(settings)
    app.state.vault = vault = Vault.from_settings(settings)
    app.state.live_masks = LiveMasks(vault.masker)
    app.state.facts, app.state.drift, app.state.floods = Facts(), Drift(), Floods()
    app.state.uploads, app.state.latest, app.state.printed = Uploads(), Latest(), Printed()
    app.state.problem = lambda: ""
    app.state.pool = ConnectionPool(
        lambda: conninfo(settings, "alerts-api", statement_seconds=STATEMENT_SECONDS),
        min_size=1,
        max_size=CONNECTIONS,
        timeout=WAIT_SECONDS,
        kwargs={"autocommit": True},
        configure=pulse.know,
        check=ConnectionPool.check_connection,
        open=False,
    )
    app.state.hashing = Hashing()
    app.state.exports = Exports()
    app.state.withdrawals = Withdrawals(app.state.pool, settings.session_idle_minutes * 60)
    app.state.provider = _provider(settings)
    app.state.recorder = Recorder(settings, app.state.pool.connection, lambda: now_of(app.state))
    problems.install(app)
    for found in iter_modules(routes.__path__):
        # As they are: FastAPI would make all of an included router again, at its first request.
        app.router.routes.extend(import_module(f"{routes.__name__}.{found.name}").router.routes)
    app.add_middleware(Console)
    app.add_middleware(Guard)
    app.add_middleware(Recording)
    app.add_middleware(Away, pulse=pulse)
    app.add_middleware(SafeHeaders, hsts_seconds=settings.hsts_seconds)
    if proxies := proxies_of(settings.trusted_proxies):
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=proxies)
    return app


def _provider(settings: Settings) -> "Provider | None":
    if not settings.oidc_issuer:
        return None
    from services.api.provider.provider import Provider  # with all that reads signed tokens

    return Provider(settings)


def event_time_stalled_since(app: FastAPI) -> Micros | None:
    """Where event time has stalled; None: it goes on, or no worker has been heard of yet."""
    heard: HeartbeatFollower | None = getattr(app.state, "heartbeats", None)
    return stalled_since(heard.latest().values(), wall_clock()) if heard else None


def event_time_of(app: FastAPI) -> Micros | None:
    """How far event time has come; None: no worker says."""
    heard: HeartbeatFollower | None = getattr(app.state, "heartbeats", None)
    return event_time(heard.latest().values(), wall_clock()) if heard else None


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.pool.open(wait=False)
    app.state.pulse.start()
    app.state.live.start()
    app.state.withdrawals.start()
    app.state.frames.start()
    app.state.detections.start()
    app.state.heartbeats = HeartbeatFollower(app.state.settings, REMEMBERED_SECONDS)
    app.state.outages = Outages(app.state.settings)
    app.state.recorder.start()
    if app.state.provider is not None:
        app.state.provider.look()
    try:
        yield
    finally:
        await app.state.pulse.close()
        await app.state.live.close()
        await app.state.withdrawals.close()
        if app.state.provider is not None:
            await app.state.provider.close()
        app.state.hashing.close()
        await asyncio.to_thread(app.state.recorder.close)
        await asyncio.to_thread(app.state.frames.close)
        await asyncio.to_thread(app.state.detections.close)
        await asyncio.to_thread(app.state.heartbeats.close)
        await asyncio.to_thread(app.state.outages.close)
        await asyncio.to_thread(app.state.pool.close)
