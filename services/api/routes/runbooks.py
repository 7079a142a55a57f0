"""``/api/runbooks``: what is to be done about alerts of each kind."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.alerts import handbook, runbooks
from services.alerts.runbooks import LONGEST, MOST_CONTACTS, Contact, Runbook, RunbookError
from services.alerts.store import Connection
from services.api import guide
from services.api.auth import may
from services.api.bodies import RunbookBody
from services.api.changing import Database
from services.api.life import event_time
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.users import User
from streams.kinds.registry import UnknownKindError, all_kinds, find

router = APIRouter(tags=["alerts"], prefix="/api/runbooks")

_READ = [may(Permission.ALERTS_READ)]
_Editor = Annotated[User, may(Permission.HANDBOOK_CHANGE)]


class RunbookContactIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=100)
    phone: str = Field("", max_length=40)
    note: str = Field("", max_length=200)


class RunbookIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "vi": "# Cháy\n\n- [ ] Xem hình trực tiếp\n",
                    "en": "# Fire\n\n- [ ] Look at the live picture\n",
                    "contacts": [{"name": "Duty officer", "phone": "0225 3 842 322"}],
                    "reason": "One step is enough",
                }
            ]
        },
    )
    vi: str = Field(
        min_length=1,
        max_length=LONGEST,
        description="Markdown; lines that begin with `- [ ]` are steps",
    )
    en: str = Field(min_length=1, max_length=LONGEST, description="As many steps")
    contacts: list[RunbookContactIn] = Field(default=[], max_length=MOST_CONTACTS)
    reason: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        min_length=1, max_length=500
    )
    expected_version: int | None = Field(
        default=None, ge=0, description="Refuse with 409 unless it is still at this version"
    )


@router.get("", dependencies=_READ, responses=answers(401))
def list_runbooks(database: Database) -> list[RunbookBody]:
    """The runbook of each kind that this installation has."""
    return [_body(database, kind) for kind in sorted(all_kinds())]


@router.get("/{kind}", dependencies=_READ, responses=answers(401, 404))
def get_runbook(
    kind: str,
    database: Database,
    *,
    version: Annotated[
        int | None, Query(ge=0, le=2**31 - 1, description="Left out: the one that holds")
    ] = None,
) -> RunbookBody:
    """The runbook of a kind as it is, or was: each alert says by which version it goes."""
    return _body(database, kind, version)


@router.put("/{kind}", responses=answers(401, 403, 404, 409, 422))
def put_runbook(
    kind: str, body: RunbookIn, request: Request, user: _Editor, database: Database
) -> RunbookBody:
    """Writes a kind's runbook anew; alerts of which a step was ticked go on by the one before."""
    book = Runbook(
        vi=body.vi,
        en=body.en,
        contacts=tuple(Contact(**one.model_dump()) for one in body.contacts),
    )
    try:
        runbooks.check(book)
    except RunbookError as error:
        raise ProblemError(422, "invalid", str(error)) from None
    try:
        handbook.add(
            database,
            handbook.RUNBOOK,
            _known(kind),
            book,
            by=user.name,
            time=event_time(request),
            reason=body.reason,
            expected=body.expected_version,
        )
    except handbook.StaleError as error:
        raise ProblemError(409, "version_conflict", str(error)) from None
    return _body(database, kind)


def _body(database: Connection, kind: str, version: int | None = None) -> RunbookBody:
    name = _known(kind)
    book, page = guide.runbook_of(database, name, version)
    return RunbookBody.of(name, book, page, {})


def _known(kind: str) -> str:
    """Its id now; raises ProblemError 404."""
    try:
        return find(kind).id
    except UnknownKindError:
        raise ProblemError(404, "no_kind", f"there is no kind {kind!r}") from None
