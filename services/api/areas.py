"""The area of who asks, and what is inside."""

from collections.abc import Sequence

from fastapi import Request

from services.alerts.area import Area
from services.alerts.store import Connection
from services.api.auth import asker
from services.api.problems import ProblemError
from services.api.queries import SQL
from services.api.within import within
from streams.configuration.configured import Configured


def area_of(request: Request) -> Area:
    """Of who asks."""
    return asker(request).area


def here(request: Request, known: Configured) -> Configured:
    """What is configured, as who asks may see it."""
    return within(known, area_of(request))


def sources_here(
    request: Request, connection: Connection, asked: Sequence[str] | None
) -> list[str] | None:
    """Which sources' rows who asks gets, of those that are asked for; None: all.

    By the wards in which sources are now, or were when they were removed.
    """
    area = area_of(request)
    if area is None:
        return None if asked is None else list(asked)
    rows = connection.execute(SQL["assets_within"], {"area": sorted(area)}).fetchall()
    return [name for (name,) in rows if asked is None or name in asked]


def insist_here(request: Request, connection: Connection, source: str) -> None:
    """Raises ProblemError 404 where the source is none that who asks may see."""
    if area_of(request) is not None and not sources_here(request, connection, [source]):
        raise ProblemError(404, "no_source", f"there is no source {source!r}")
