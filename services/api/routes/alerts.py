"""``/api/alerts``: listing, one alert with its timeline, its evidence, what operators do."""

import re
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.alerts import rationale, store, suppression_store
from services.alerts.alert import Alert
from services.alerts.area import Area, Shown, line_seen_by, seen_by
from services.alerts.commands import Action, Command, Refused, Whole
from services.alerts.runbooks import MOST_STEPS
from services.alerts.transitions import Disposition
from services.api import bodies, guide, listing
from services.api.areas import area_of
from services.api.asked import asked
from services.api.auth import may, pool_of
from services.api.life import event_time
from services.api.permissions import Permission
from services.api.printed import Printed
from services.api.problems import ProblemError, answers
from services.api.queries import SQL
from services.api.recording import recorded
from services.api.users import User, account
from services.oncall import record
from streams.events import MINUTE, to_rfc3339

router = APIRouter(tags=["alerts"], prefix="/api/alerts")

_ID = re.compile(r"[0-9a-f-]{4,36}")
MOST_AT_ONCE = 100
_WRONG = frozenset({"comment_required", "shelf_length", "links_itself", "merges_itself"})
"""Reasons that lie in what is asked, whatever the alert is."""
Actor = Annotated[User, may(Permission.ALERTS_ACT)]
Commenter = Annotated[User, may(Permission.ALERTS_COMMENT)]


class Act(BaseModel):
    """What an operator asks. Send the same `command_id` again after a lost answer: it is done
    once, and the answer is the same.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"command_id": "3f6c2a34-6d1b-4d38-9d1d-3b6a3c1f7e55", "comment": "Crew sent."}
            ]
        }
    )
    command_id: str = Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")
    expected_version: int | None = Field(
        None, ge=1, description="Refuse with 409 unless the alert is still at this version"
    )
    comment: str = Field("", max_length=2000)


class Resolving(Act):
    """Closing it, with what it turned out to be."""

    disposition: Disposition = Field(
        "",
        description="`true`: as it said; `false`: nothing of that kind; `nuisance`: true, and"
        " nothing to be done about it; `test`; `duplicate`: the same as another; empty: nobody can"
        " say",
    )


class Shelving(Act):
    """Putting it aside; `comment` is the reason, and there is always an end."""

    minutes: int = Field(description="From now, in event time; 5 to 720", ge=0, le=100_000)


class Assigning(Act):
    to: str = Field(max_length=100, description="A user's name; empty: nobody's any more")


class Stepping(Act):
    step: int = Field(ge=1, le=MOST_STEPS, description="Of its runbook")
    done: bool = Field(True, description="False: it is not done any more")


class Linking(Act):
    other: str = Field(max_length=36, description="The other alert's id, or its beginning")


class Bulk(BaseModel):
    """The same for several alerts. Each is done or refused by itself."""

    command_id: str = Field(min_length=1, max_length=60, pattern=r"^[\x21-\x7e]+$")
    ids: list[Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,36}$")]] = Field(
        min_length=1, max_length=MOST_AT_ONCE
    )
    action: Literal["acknowledge", "resolve", "comment", "shelve", "unshelve", "assign"]
    comment: str = Field("", max_length=2000)
    disposition: Disposition = ""
    minutes: int | None = Field(None, ge=0, le=100_000)
    to: str = Field("", max_length=100)


class BulkResult(BaseModel):
    id: str
    done: bool
    reason: str | None = Field(description="Why not, in a word; null: it was done")
    detail: str | None = Field(description="Why not, in a line")


@router.get(
    "",
    response_model=bodies.AlertPage,
    dependencies=[may(Permission.ALERTS_READ)],
    responses=answers(400, 401, 422),
)
def list_alerts(
    request: Request,
    wanted: listing.Asked,
    *,
    order: listing.Order = "latest",
    limit: Annotated[int, Query(ge=1, le=listing.MAX_PAGE)] = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> Response:
    """A page of alerts, as of one instant; `last_event_id` is where the live stream goes on."""
    with pool_of(request).connection() as connection:
        page = listing.page(connection, wanted, order, limit, cursor)
    printed: Printed = request.app.state.printed
    shown = (
        printed.of(stored, page.consequences.get(each, 0), wanted.area)
        for each, stored in page.stored.items()
    )
    whole = {
        "alerts": [one for one in shown if one is not None],
        "next": page.next,
        "last_event_id": page.last_sequence,
        "counts": page.counts,
        "flapping": page.flapping,
        "stale": page.stale,
    }
    return Response(msgspec.json.encode(whole), media_type="application/json")


@router.get("/{id}", dependencies=[may(Permission.ALERTS_READ)], responses=answers(401, 404, 409))
def get_alert(id: str, request: Request) -> bodies.AlertDetail:
    """One alert with why it was raised, what is to be done about it, and its timeline.

    A beginning of its id is enough where it is unambiguous.
    """
    with pool_of(request).connection() as connection, connection.transaction():
        area = area_of(request)
        alert, seen = of_area(connection, full_id(connection, id, area), area)
        history = store.history(connection, alert.id, alert.version)
        return bodies.detail(
            seen,
            [line_seen_by(line, alert, area) for line in history],
            rationale.of(connection, alert) if seen.own else None,
            rationale.of_members(connection, alert, area),
            runbook=guide.of(connection, alert) if seen.own else None,
            cause=_cause(connection, alert, area),
            consequences=_consequences(connection, alert, area),
        )


def _cause(connection: store.Connection, alert: Alert, area: Area) -> Shown | None:
    found = store.known_incident(connection, alert.explained_by) if alert.explained_by else None
    return seen_by(found[0], area) if found else None


def _consequences(connection: store.Connection, alert: Alert, area: Area) -> list[Shown]:
    wanted = {"alert": alert.id, "area": None if area is None else sorted(area)}
    found = connection.execute(SQL["consequences_list"], wanted)
    return [one for (text,) in found if (one := seen_by(store.decode_alert(text), area))]


@router.post("/{id}/acknowledge", responses=answers(401, 403, 404, 409, 422))
def acknowledge(id: str, act: Act, request: Request, user: Actor) -> bodies.AlertBody:
    """Says "I have seen it". Whoever comes second gets 409, naming the first."""
    return _do("acknowledge", id, act, request, user)


@router.post("/{id}/resolve", responses=answers(401, 403, 404, 409, 422))
def resolve(id: str, act: Resolving, request: Request, user: Actor) -> bodies.AlertBody:
    """Closes it; while the condition is still there a comment must say why.

    What nobody has acknowledged is acknowledged with it.
    """
    return _do("resolve", id, act, request, user, disposition=act.disposition)


@router.post("/{id}/comment", responses=answers(401, 403, 404, 409, 422))
def comment(id: str, act: Act, request: Request, user: Commenter) -> bodies.AlertBody:
    """Adds a remark to the timeline."""
    return _do("comment", id, act, request, user)


@router.post("/{id}/shelve", responses=answers(401, 403, 404, 409, 422))
def shelve(id: str, act: Shelving, request: Request, user: Actor) -> bodies.AlertBody:
    """Puts it aside for 5 minutes to 12 hours, by event time, with a reason.

    It stays in the list of what is aside, counts what comes, and is back when its time is up, or
    when it becomes more severe.
    """
    return _do("shelve", id, act, request, user, minutes=act.minutes)


@router.post("/{id}/unshelve", responses=answers(401, 403, 404, 409, 422))
def unshelve(id: str, act: Act, request: Request, user: Actor) -> bodies.AlertBody:
    """Takes it back from the shelf; what is still there asks to be acknowledged."""
    return _do("unshelve", id, act, request, user)


@router.post("/{id}/reopen", responses=answers(401, 403, 404, 409, 422))
def reopen(id: str, act: Act, request: Request, user: Actor) -> bodies.AlertBody:
    """Opens a closed alert again; `comment` says why."""
    return _do("reopen", id, act, request, user)


@router.post("/{id}/assign", responses=answers(401, 403, 404, 409, 422))
def assign(id: str, act: Assigning, request: Request, user: Actor) -> bodies.AlertBody:
    """Says who sees to it."""
    return _do("assign", id, act, request, user, to=act.to)


@router.post("/{id}/link", responses=answers(401, 403, 404, 409, 422))
def link(id: str, act: Linking, request: Request, user: Actor) -> bodies.AlertBody:
    """Says that two alerts have to do with each other; both say so from then on."""
    return _do("link", id, act, request, user, to=act.other)


@router.post("/{id}/merge", responses=answers(401, 403, 404, 409, 422))
def merge(id: str, act: Linking, request: Request, user: Actor) -> bodies.AlertBody:
    """Makes it part of another alert, which goes on in its place; `comment` says why they are one.

    It is closed, and what it hears of counts in it and asks nobody as long as the other one is
    open. It opens again by itself where it becomes more severe than it was.
    """
    return _do("merge", id, act, request, user, to=act.other)


@router.post("/{id}/split", responses=answers(401, 403, 404, 409, 422))
def split(id: str, act: Act, request: Request, user: Actor) -> bodies.AlertBody:
    """Takes it out of the alert that somebody made it part of; `comment` says why."""
    return _do("split", id, act, request, user)


@router.post("/{id}/step", responses=answers(401, 403, 404, 409, 422))
def step(id: str, act: Stepping, request: Request, user: Actor) -> bodies.AlertBody:
    """Ticks a step of its runbook, in your name, or takes that back."""
    return _do("step", id, act, request, user, step=act.step, done=act.done)


@router.post("/{id}/unlink", responses=answers(401, 403, 404, 409, 422))
def unlink(id: str, act: Linking, request: Request, user: Actor) -> bodies.AlertBody:
    """Says that they have not, after all."""
    return _do("unlink", id, act, request, user, to=act.other)


@router.post("/{id}/undo", responses=answers(401, 403, 404, 409, 422))
def undo(id: str, act: Act, request: Request, user: Actor) -> bodies.AlertBody:
    """Takes back what you did to it last, where nothing has happened since.

    Acknowledging, closing, shelving, assigning and linking can be taken back.
    """
    return _do("undo", id, act, request, user)


@router.post("/bulk", responses=answers(401, 403, 422))
def bulk(act: Bulk, request: Request, user: Actor) -> list[BulkResult]:
    """Does the same to up to 100 alerts, in one transaction; what cannot be done to one of them is
    said of that one, and done to the others all the same.
    """
    ids = list(dict.fromkeys(act.ids))
    short = ", ".join(one[:8] for one in ids)
    asked(request).says("alert:bulk", act.action, act.comment, f"alerts: {short}")
    found = []
    with pool_of(request).connection() as connection, recorded(request, connection):
        for each in ids:
            one = Act.model_validate(
                {"command_id": f"{act.command_id}/{each}", "comment": act.comment}
            )
            more: dict[str, Any] = {"to": act.to, "disposition": act.disposition}
            if act.action == "shelve":
                more["minutes"] = act.minutes or 0
            command = _command(act.action, one, request, user, **more)
            try:
                with connection.transaction():
                    _execute(connection, each, command, request)
            except (ProblemError, store.NoAlertError) as error:
                reason = error.reason if isinstance(error, ProblemError) else "not_found"
                detail = str(error) if isinstance(error, ProblemError) else "there is no such alert"
                found.append(BulkResult(id=each, done=False, reason=reason, detail=detail))
            else:
                found.append(BulkResult(id=each, done=True, reason=None, detail=None))
    return found


def _do(
    action: Action, id: str, act: Act, request: Request, user: User, **more: Any
) -> bodies.AlertBody:
    command = _command(action, act, request, user, **more)
    with pool_of(request).connection() as connection, recorded(request, connection):
        return bodies.body(_execute(connection, id, command, request))


def _command(
    action: Action,
    act: Act,
    request: Request,
    user: User,
    *,
    minutes: int | None = None,
    **more: Any,
) -> Command:
    """``minutes``: from its time on, for what has an end."""
    time = event_time(request)
    return Command(
        id=act.command_id,
        action=action,
        actor=user.name,
        time=time,
        until=None if minutes is None else time + minutes * MINUTE,
        comment=act.comment.strip(),
        expected_version=act.expected_version,
        **more,
    )


def _execute(connection: store.Connection, id: str, command: Command, request: Request) -> Shown:
    """Raises ProblemError where it is refused, and NoAlertError."""
    area = area_of(request)
    seen = _own(connection, id, area)
    if command.action == "assign" and command.to:
        command = msgspec.structs.replace(command, to=_user(connection, command.to))
    if command.action == "merge":  # nobody closes the other one meanwhile
        store.lock(connection)
        _insist_not_public(connection, id)
    if command.action in ("link", "unlink", "merge"):
        other = full_id(connection, command.to, area)
        _own(connection, other, area)
        command = msgspec.structs.replace(command, to=other, whole=_whole(connection, other))
    before = store.get(connection, id)
    command = guide.guided(connection, before, command, request.app.state.settings)
    done = _executed(connection, id, command, request)
    if back := _on_the_other(before, done, command):
        other, mirrored = back
        try:
            _executed(connection, other, mirrored, request)
        except ProblemError as error:
            if error.reason not in ("already_linked", "not_linked"):
                raise  # the other one says so already: an earlier release took back one side only
    return seen_by(done, area) or seen


def _insist_not_public(connection: store.Connection, id: str) -> None:
    """A part is closed, and what is closed is over for the public; raises ProblemError."""
    if record.public_told(connection, id):
        said = "the public was told of it: merge the other one into it, or close it first"
        raise ProblemError(409, "public_told", said)


def _whole(connection: store.Connection, id: str) -> Whole:
    alert = store.get(connection, id)
    closed = alert.resolved_at is not None
    return Whole(origin=alert.origin, severity=alert.severity, closed=closed)


def _on_the_other(before: Alert, done: Alert, command: Command) -> tuple[str, Command] | None:
    """A link, or a merge, is said of both: what the other one is to say of what was done to this;
    None: nothing was done, or it has to do with no other."""
    if before.joined != done.joined:
        other = done.merged_into or before.merged_into
        return other, _mirrored(command, "absorb" if done.joined else "release", done.id)
    gone, new = set(before.links) - set(done.links), set(done.links) - set(before.links)
    for other in gone | new:  # one at most
        return other, _mirrored(command, "link" if other in new else "unlink", done.id)
    return None


def _mirrored(command: Command, action: Action, to: str) -> Command:
    changed = {"id": f"{command.id}/other", "action": action, "to": to}
    return msgspec.structs.replace(command, **changed, expected_version=None)


def _own(connection: store.Connection, id: str, area: Area) -> Shown:
    _, seen = of_area(connection, id, area)
    if not seen.own:
        raise ProblemError(
            403, "outside_area", "the alert is another ward's, of which you see a part"
        )
    return seen


def _executed(connection: store.Connection, id: str, command: Command, request: Request) -> Alert:
    notify = store.channel(request.app.state.settings.namespace)
    in_force = [
        one
        for one in suppression_store.everything(connection).values()
        if one.in_force(command.time)
    ]
    outcome = store.execute(connection, id, command, notify, in_force)
    if isinstance(outcome, Refused):
        raise _problem(outcome)
    return outcome


def _user(connection: store.Connection, name: str) -> str:
    """As it is spelt; raises ProblemError where nobody has it, or may act on alerts with it."""
    row = connection.execute(SQL["assignable"], {"name": name}).fetchone()
    who = account(connection, str(row[0])) if row else None
    if row is None or who is None or Permission.ALERTS_ACT not in who.permissions:
        raise ProblemError(422, "no_user", f"there is no person {name!r} who could see to it")
    return str(row[0])


def _problem(refused: Refused) -> ProblemError:
    status = 422 if refused.reason in _WRONG else 409
    more: dict[str, Any] = {}
    if refused.by and refused.at is not None:
        more = {"by": refused.by, "at": to_rfc3339(refused.at)}
    return ProblemError(status, refused.reason, refused.message, **more)


def of_area(connection: store.Connection, id: str, area: Area) -> tuple[Alert, Shown]:
    """An alert, whole and as somebody may see it.

    Raises:
        NoAlertError: also where nothing of it is in their area.
    """
    alert = store.get(connection, id)
    seen = seen_by(alert, area)
    if seen is None:
        raise store.NoAlertError(id)
    return alert, seen


def full_id(connection: store.Connection, beginning: str, area: Area) -> str:
    """The one id that begins so, of alerts that somebody may see.

    Raises:
        NoAlertError
        ProblemError: more than one begins so.
    """
    if not _ID.fullmatch(beginning):
        raise store.NoAlertError(beginning)
    wanted = {"prefix": beginning, "area": None if area is None else sorted(area)}
    found = connection.execute(SQL["alerts_by_prefix"], wanted).fetchall()
    if not found:
        raise store.NoAlertError(beginning)
    if len(found) > 1:
        raise ProblemError(409, "ambiguous", f"more than one alert begins with {beginning}")
    return str(found[0][0])
