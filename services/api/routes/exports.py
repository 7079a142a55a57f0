"""``/api/exports``: alerts, incidents and readings as files for a spreadsheet."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.api import listing
from services.api.areas import area_of
from services.api.auth import may, needs
from services.api.exports import alerts, dispositions, incidents, readings
from services.api.exports.making import DESCRIBED, Wanted, export
from services.api.incidents import Asked
from services.api.permissions import Permission
from services.api.problems import answers
from services.api.times import moment_of
from streams.events import Origin

router = APIRouter(tags=["exports"], prefix="/api/exports")

_EXPORTS = may(Permission.DATA_EXPORT)
_ANSWERS = {**DESCRIBED, **answers(401, 403, 422)}


@router.get("/alerts.csv", response_class=Response, dependencies=[_EXPORTS], responses=_ANSWERS)
def export_alerts(request: Request, asked: listing.Asked) -> Response:
    """All alerts that match as CSV, the latest first, or none: no more than 100,000.

    Needs `alerts:read` besides. It is in the audit log, with the filters and the number of rows.
    """
    needs(request, Permission.ALERTS_READ)
    return export(
        request,
        Wanted(
            "alerts",
            tuple(alerts.COLUMNS),
            lambda connection: alerts.rows(connection, asked),
            # When it was asked is the line's own time.
            {name: value for name, value in asked._asdict().items() if name != "now"},
        ),
    )


@router.get(
    "/dispositions.csv", response_class=Response, dependencies=[_EXPORTS], responses=_ANSWERS
)
def export_dispositions(
    request: Request,
    *,
    since: Annotated[str | None, Query(description="Closed then or later (RFC 3339)")] = None,
    until: Annotated[str | None, Query(description="Closed before")] = None,
) -> Response:
    """Alerts of which somebody has said what they were, as a labelled set: no more than 100,000.

    Needs `alerts:read` besides; recorded as alerts are.
    """
    needs(request, Permission.ALERTS_READ)
    begin, end = moment_of("since", since), moment_of("until", until)
    asked = dispositions.Filter(begin, end, area_of(request))
    return export(
        request,
        Wanted(
            "dispositions",
            tuple(dispositions.COLUMNS),
            lambda connection: dispositions.rows(connection, asked),
            {"since": begin, "until": end},
        ),
    )


@router.get("/incidents.csv", response_class=Response, dependencies=[_EXPORTS], responses=_ANSWERS)
def export_incidents(request: Request, asked: Asked) -> Response:
    """All incidents that match as CSV, the latest first, or none: no more than 100,000.

    Needs `incidents:read` besides; recorded as alerts are.
    """
    needs(request, Permission.INCIDENTS_READ)
    return export(
        request,
        Wanted(
            "incidents",
            incidents.COLUMNS,
            lambda connection: incidents.rows(request, connection, asked),
            asked._asdict(),
        ),
    )


@router.get("/readings.csv", response_class=Response, dependencies=[_EXPORTS], responses=_ANSWERS)
def export_readings(
    request: Request,
    *,
    since: Annotated[str, Query(description="Measured then or later (RFC 3339)")],
    until: Annotated[str | None, Query(description="Measured before; default: no end")] = None,
    source: Annotated[list[str] | None, Query()] = None,
    metric: Annotated[list[str] | None, Query()] = None,
    origin: Annotated[list[Origin] | None, Query()] = None,
) -> Response:
    """All readings that match as CSV, in the order of time, or none: no more than 600,000.

    Needs `sources:read` besides; recorded as alerts are.
    """
    needs(request, Permission.SOURCES_READ)
    begin, end = moment_of("since", since), moment_of("until", until)
    asked = readings.Filter(source, metric, origin, begin, end)
    return export(
        request,
        Wanted(
            "readings",
            readings.COLUMNS,
            lambda connection: readings.rows(request, connection, asked),
            asked._asdict(),
        ),
    )
