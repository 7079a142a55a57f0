"""Incidents as rows: what the list says of each."""

from fastapi import Request

from services.alerts.store import Connection
from services.api.areas import sources_here
from services.api.exports.making import Rows, read
from services.api.incidents import Filter, IncidentBody, body
from services.api.queries import SQL

MOST = 100_000
COLUMNS = tuple(IncidentBody.model_fields)


def rows(request: Request, connection: Connection, asked: Filter) -> Rows:
    """Those that match, proven last first; raises as ``read``."""
    wanted = asked.parameters(sources_here(request, connection, asked.source))
    inside = sources_here(request, connection, None)
    for row in read(connection, SQL["incidents_list"], wanted, MOST):
        told = body(row, inside)
        yield [getattr(told, name) for name in COLUMNS]
