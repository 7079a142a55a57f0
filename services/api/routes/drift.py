"""``/api/drift``: whether cameras see what they saw at the same hour of other days."""

import threading
import time
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services import history
from services.api.areas import area_of, here
from services.api.auth import may, pool_of
from services.api.permissions import Permission
from services.api.problems import answers
from services.api.routes.sources import configured
from streams.events import from_datetime, to_rfc3339

router = APIRouter(tags=["sources"], prefix="/api/drift")

ASKED_SECONDS = 300.0
"""For so long an answer is good enough: hours are added up once an hour."""


class DriftBody(BaseModel):
    source: str
    name_vi: str
    name_en: str
    measure: Literal["things", "score", "bad"] = Field(
        description="things: seen in a good picture; score: that half of them are below; bad: share"
        " of pictures that nothing can be judged by"
    )
    state: Literal["drifts", "as usual", "not known yet"]
    since: str | None = Field(
        description="The first hour of the last two days that deviates; null: none does"
    )
    found: float | None = Field(description="In the last hour that deviates, else in the last")
    usual: float | None = Field(
        description="At that hour of days of its kind, at the median; null: not known yet"
    )


class DriftList(BaseModel):
    drift: list[DriftBody]


class Drift:
    """Asked anew every few minutes; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = -ASKED_SECONDS
        self._found: list[DriftBody] = []

    def of(self, request: Request) -> list[DriftBody]:
        """Raises psycopg.OperationalError where the database does not answer."""
        with self._lock:
            if time.monotonic() - self._asked >= ASKED_SECONDS:
                with pool_of(request).connection() as connection:
                    rows = history.ask(connection, "drifting_cameras")
                found = [_body(row) for row in rows]
                self._found = sorted(found, key=lambda one: one.state != "drifts")
                self._asked = time.monotonic()
            return self._found


@router.get("", dependencies=[may(Permission.SOURCES_READ)], responses=answers(401))
def list_drift(request: Request) -> DriftList:
    """Every camera of the last two days by what is compared, those that drift first."""
    drift: Drift = request.app.state.drift
    inside = here(request, configured(request)).sources
    everywhere = area_of(request) is None
    return DriftList(drift=[one for one in drift.of(request) if everywhere or one.source in inside])


def _body(row: dict[str, Any]) -> DriftBody:
    return DriftBody(
        source=row["source"],
        name_vi=row["source_vi"] or row["source"],
        name_en=row["source_en"] or row["source"],
        measure=row["measure"],
        state=row["state"],
        since=None if row["since"] is None else to_rfc3339(from_datetime(row["since"])),
        found=None if row["found"] is None else float(row["found"]),
        usual=None if row["usual"] is None else float(row["usual"]),
    )
