"""The runbook of an alert: which one it goes by, and what that demands."""

import msgspec

from services.alerts import handbook, runbooks
from services.alerts.alert import Alert
from services.alerts.commands import Command
from services.alerts.handbook import Page
from services.alerts.runbooks import Runbook
from services.alerts.store import Connection
from services.api.bodies import RunbookBody
from services.api.problems import ProblemError
from streams.events import SEVERITIES
from streams.kinds.registry import UnknownKindError, find
from streams.settings import PREFIX, SettingError, Settings


def checked(settings: Settings) -> Settings:
    """As they are; raises SettingError where what is demanded is no severity."""
    if settings.runbook_required not in ("", *SEVERITIES):
        raise SettingError(
            f"{PREFIX}RUNBOOK_REQUIRED: {settings.runbook_required!r} is none of"
            f" {', '.join(SEVERITIES)}"
        )
    return settings


def runbook_of(
    connection: Connection, kind: str, version: int | None = None
) -> tuple[Runbook, Page | None]:
    """Of a kind, the version or (None) the one that holds.

    Raises:
        UnknownKindError
        ProblemError 404: there is no such version.
    """
    known = find(kind)
    page = handbook.runbook(connection, known.id, version)
    if version and page is None:
        raise ProblemError(404, "no_version", f"there is no version {version}")
    if page is None:
        return runbooks.default(known), None
    return msgspec.json.decode(page.body, type=Runbook), page


def of(connection: Connection, alert: Alert) -> RunbookBody | None:
    """As the alert goes by it: by the version whose steps were ticked first; None: no such kind."""
    try:
        book, page = runbook_of(connection, alert.kind, alert.runbook)
    except UnknownKindError:
        return None
    return RunbookBody.of(find(alert.kind).id, book, page, alert.steps)


def guided(connection: Connection, alert: Alert, command: Command, settings: Settings) -> Command:
    """The command with what the alert's runbook says to it.

    Raises:
        ProblemError 422: there is no such step; 409: it is said to be nothing, and too little of
            why.
    """
    if command.action not in ("step", "resolve"):
        return command
    try:
        book, page = runbook_of(connection, alert.kind, alert.runbook)
    except UnknownKindError:
        return command
    number = len(runbooks.steps(book))
    if command.action == "step":
        if command.step > number:
            raise ProblemError(422, "no_step", f"its runbook has {number} steps")
        return msgspec.structs.replace(command, runbook=page.version if page else 0)
    closed = alert.resolved_at is not None
    if closed or not runbooks.demanded(alert.severity, settings.runbook_required):
        return command
    if command.disposition in runbooks.NOTHING:
        lacking = runbooks.unsaid(alert, command.disposition, command.comment)
        if not lacking or not runbooks.open_steps(alert, number):
            return command
        raise ProblemError(409, "open_steps", lacking)
    return msgspec.structs.replace(command, steps=number)
