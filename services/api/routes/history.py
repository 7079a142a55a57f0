"""``/api/history``: what sensors measured before they were connected, from files."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.api import history
from services.api.asked import asked
from services.api.changing import Changer, Database
from services.api.problems import answers
from services.api.routes.sources import configured
from services.receiver import check
from services.receiver.formats import table
from streams.stamps import wall_clock

router = APIRouter(tags=["sources"], prefix="/api/history")

MOST_CHARACTERS = 600_000
MOST_LISTED = 1_000


class HistoryIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"csv": "time,source,value\n2019-05-01T07:00:00+07:00,t1,28.5\n"}]
        },
    )
    csv: str = Field(
        max_length=MOST_CHARACTERS, description="As `POST /v1/events` takes it, with times"
    )
    last: bool = Field(
        default=True, description="Nothing of the same file will follow: it can be scored"
    )


class RefusedRow(BaseModel):
    index: int = Field(description="From 0, behind the header")
    reason: str = Field(description="A word for programs")
    detail: str


class HistoryBody(BaseModel):
    """Values, of which a row may have several."""

    added: int
    changed: int = Field(description="Of those that were there with another value")
    unchanged: int
    scored: int = Field(description="Scores that are new, or others than before")
    refused: int = Field(description="Rows")
    rows: list[RefusedRow] = Field(description=f"The first {MOST_LISTED} that were refused")


@router.post("", responses=answers(400, 401, 403, 422, 503))
def import_history(
    body: HistoryIn, request: Request, user: Changer, database: Database
) -> HistoryBody:
    """Stores what sensors measured at any time since 1970, row by row, and scores it. No stage or
    rule sees it: nothing is raised, and nobody is told. Asked again, it changes nothing.
    """
    rows = table.read(body.csv)
    found = check.history(rows, configured(request), wall_clock())
    sources = sorted({one.source for one in found.readings})
    told = f"{len(found.readings)} rows, {len(found.refused)} refused"
    asked(request).says("history:import", ", ".join(sources)[:200], "", told)
    stored = history.store(database, found.readings, user.name)
    scored = history.score(database) if body.last else 0
    refused = [
        RefusedRow(index=each.at, reason=each.reason, detail=each.detail)
        for each in sorted(found.refused, key=lambda each: each.at)[:MOST_LISTED]
    ]
    return HistoryBody(**stored._asdict(), scored=scored, refused=len(found.refused), rows=refused)
