"""``/api/priority``: the table by which alerts get their priorities."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.alerts import handbook
from services.alerts.handbook import Page
from services.alerts.priority import (
    LONGEST_NAME,
    MOST_DEPENDENTS,
    MOST_ROWS,
    Priority,
    Row,
    Table,
    TableError,
    check,
)
from services.api import planning
from services.api.auth import may
from services.api.changing import Database
from services.api.life import event_time
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.users import User
from streams.events import Severity, to_rfc3339
from streams.kinds.registry import all_kinds

router = APIRouter(tags=["alerts"], prefix="/api/priority")

_Editor = Annotated[User, may(Permission.HANDBOOK_CHANGE)]
_Names = Annotated[list[str], Field(max_length=100)]


class PriorityRow(BaseModel):
    """What is left out fits anything."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=LONGEST_NAME, description="Shown with the alert")
    priority: Priority = Field(description="1: at once … 4: when there is time")
    severities: list[Severity] = []
    kinds: _Names = []
    categories: _Names = Field(default=[], description="Of CAP: Transport, Security …")
    wards: _Names = Field(default=[], description="Of the alert's first source")
    dependents: int = Field(
        default=0,
        ge=0,
        le=MOST_DEPENDENTS,
        description="At least so many assets depend on one of its sources",
    )
    hours: tuple[int, int] | None = Field(
        default=None,
        description="Of the city's day, from the first until before the second; over midnight where"
        " that is less",
    )
    days: list[int] = Field(default=[], max_length=7, description="0: Monday … 6: Sunday")


class PriorityTableIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "rows": [
                        {"name": "critical", "priority": 1, "severities": ["critical"]},
                        {"name": "the rest", "priority": 3},
                    ],
                    "reason": "Two levels are enough",
                }
            ]
        },
    )
    rows: list[PriorityRow] = Field(min_length=1, max_length=MOST_ROWS)
    reason: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        min_length=1, max_length=500
    )
    expected_version: int | None = Field(
        default=None, ge=0, description="Refuse with 409 unless the table is still at this version"
    )


class PriorityTable(BaseModel):
    version: int = Field(description="0: the one that comes with CityOps")
    rows: list[PriorityRow] = Field(description="The first that fits holds")
    by: str | None = Field(description="Who wrote this version")
    time: str | None = Field(description="When, by event time")
    reason: str | None


@router.get("", dependencies=[may(Permission.ALERTS_READ)], responses=answers(401, 404))
def get_priorities(
    database: Database,
    *,
    version: Annotated[
        int | None, Query(ge=0, le=2**31 - 1, description="Left out: the one that holds")
    ] = None,
) -> PriorityTable:
    """The table that holds, or held once: each alert says which version it went by."""
    if version is None:
        return _body(handbook.newest(database, handbook.PRIORITY))
    page = handbook.of_version(database, handbook.PRIORITY, "", version) if version else None
    if version and page is None:
        raise ProblemError(404, "no_version", f"there is no version {version}")
    return _body(page)


@router.put("", responses=answers(401, 403, 409, 422))
def put_priorities(
    body: PriorityTableIn, request: Request, user: _Editor, database: Database
) -> PriorityTable:
    """Writes the table anew: it holds for what is raised, comes again or changes from now on."""
    table = Table(rows=tuple(_row(row, database) for row in body.rows))
    try:
        check(table, all_kinds())
    except TableError as error:
        raise ProblemError(422, "invalid", str(error)) from None
    try:
        page = handbook.add(
            database,
            handbook.PRIORITY,
            "",
            table,
            by=user.name,
            time=event_time(request),
            reason=body.reason,
            expected=body.expected_version,
        )
    except handbook.StaleError as error:
        raise ProblemError(409, "version_conflict", str(error)) from None
    return _body(page)


def _row(row: PriorityRow, database: Database) -> Row:
    fields = row.model_dump()
    named = planning.wards(database, row.wards) if row.wards else ()
    lists = {name: tuple(fields[name]) for name in ("severities", "kinds", "categories", "days")}
    return Row(**fields | lists | {"wards": named})


def _body(page: Page | None) -> PriorityTable:
    table = handbook.table_of(page)
    return PriorityTable(
        version=table.version,
        rows=[
            PriorityRow(
                name=row.name,
                priority=row.priority,
                severities=list(row.severities),
                kinds=list(row.kinds),
                categories=list(row.categories),
                wards=list(row.wards),
                dependents=row.dependents,
                hours=row.hours,
                days=list(row.days),
            )
            for row in table.rows
        ],
        by=page.by if page else None,
        time=to_rfc3339(page.time) if page else None,
        reason=page.reason if page else None,
    )
