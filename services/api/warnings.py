"""Public warnings: what one person proposes and another confirms is told on a public channel."""

from datetime import datetime
from typing import Literal, NamedTuple
from uuid import uuid4

from services.alerts import store
from services.alerts.alert import Alert
from services.alerts.facts import facts_of
from services.alerts.store import Connection
from services.api import users
from services.api.problems import ProblemError
from services.api.queries import SQL
from services.api.users import User
from services.notifier import stored
from services.notifier.registry import find
from services.oncall import record
from services.oncall.deciding import Proclaimed, Told, Warned
from services.oncall.plans import STATION
from streams.events import HOUR, Micros, from_datetime, to_datetime

GOOD_FOR: Micros = HOUR
"""For so long a proposal may be confirmed: what was seen an hour ago is to be looked at again."""
State = Literal["proposed", "confirmed", "withdrawn"]


class Became(NamedTuple):
    """A row of ``warnings_told.sql``: what became of one message."""

    recipient: str
    over: bool
    state: str
    detail: str
    changed_at: datetime | None


class PublicWarning(NamedTuple):
    """A row of ``public_warnings``."""

    id: str
    alert: str
    channel: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    state: State
    decided_by: str | None
    decided_at: datetime | None


def everything(connection: Connection) -> list[PublicWarning]:
    """The latest first."""
    return [PublicWarning(*row) for row in connection.execute(SQL["warnings_list"], {"id": None})]


def get(connection: Connection, id: str) -> PublicWarning:
    """Raises ProblemError 404."""
    row = connection.execute(SQL["warnings_list"], {"id": id}).fetchone()
    if row is None:
        raise ProblemError(404, "no_warning", f"there is no warning {id!r}")
    return PublicWarning(*row)


def propose(
    connection: Connection, user: User, now: Micros, *, alert: str, channel: str, reason: str
) -> PublicWarning:
    """Raises ProblemError, and NoAlertError."""
    users.insist_person(connection, user)
    found = store.get(connection, alert)
    _insist_tellable(connection, found, channel)
    row = {"id": str(uuid4()), "alert": found.id, "channel": channel, "reason": reason}
    connection.execute(SQL["warning_add"], row | {"by": user.name, "at": to_datetime(now)})
    return get(connection, row["id"])


def confirm(connection: Connection, user: User, id: str, now: Micros) -> PublicWarning:
    """Puts the message into the outbox; its end follows once the alert is closed.

    Raises ProblemError, and NoAlertError.
    """
    users.insist_person(connection, user)
    store.lock(connection)
    found = get(connection, id)
    if found.proposed_by.casefold() == user.name.casefold():
        raise ProblemError(403, "same_person", "another person has to confirm what you proposed")
    if now - from_datetime(found.proposed_at) > GOOD_FOR:
        raise ProblemError(409, "too_old", "it was proposed more than an hour ago: propose it anew")
    alert = store.get(connection, found.alert)
    _insist_tellable(connection, alert, found.channel)
    told = _told(connection, found.channel, alert)
    _decide(connection, found, "confirmed", user, now)
    event = Proclaimed(
        warning=Warned(found.proposed_by, user.name, found.id),
        channel=found.channel,
        told=told,
        facts=facts_of(alert),
        time=now,
    )
    record.proclaimed(connection, event)
    return get(connection, id)


def withdraw(connection: Connection, user: User, id: str, now: Micros) -> PublicWarning:
    """Raises ProblemError."""
    store.lock(connection)
    _decide(connection, get(connection, id), "withdrawn", user, now)
    return get(connection, id)


def _told(connection: Connection, channel: str, alert: Alert) -> tuple[Told, ...]:
    """The channel itself or, of loudspeakers, each station in a ward of the alert's.

    Raises ProblemError where there is none.
    """
    if not find(stored.channels(connection)[channel].type).ADDRESSED:
        return (Told(f"channel:{channel}"),)
    wards = {*alert.wards.values()} - {""}
    found = [
        Told(f"{STATION}:{one.name}")
        for one in stored.stations(connection)
        if one.channel == channel and one.ward in wards
    ]
    if not found:
        said = f"channel {channel} has no station in a ward of the alert"
        raise ProblemError(409, "no_station", said)
    return tuple(found)


def told(connection: Connection, warnings: list[PublicWarning]) -> dict[str, list[Became]]:
    """What became of what was sent of each, by its id, in order of deciding."""
    confirmed = [one for one in warnings if one.state == "confirmed"]
    asked = {"ids": [one.id for one in confirmed], "alerts": [one.alert for one in confirmed]}
    found: dict[str, list[Became]] = {}
    for warning, *row in connection.execute(SQL["warnings_told"], asked).fetchall():
        found.setdefault(warning, []).append(Became(*row))
    return found


def _decide(
    connection: Connection, one: PublicWarning, state: State, user: User, now: Micros
) -> None:
    row = {"id": one.id, "state": state, "by": user.name, "at": to_datetime(now)}
    if connection.execute(SQL["warning_decide"], row).rowcount == 0:
        raise ProblemError(409, "decided", f"it is {one.state}, by {one.decided_by}")


def _insist_tellable(connection: Connection, alert: Alert, channel: str) -> None:
    """Raises ProblemError."""
    one = stored.channels(connection).get(channel)
    if one is None:
        raise ProblemError(404, "no_channel", f"there is no channel {channel!r}")
    if not (one.public or find(one.type).PUBLIC):
        raise ProblemError(422, "not_public", f"channel {channel} is not public: a policy tells it")
    if one.wards is not None and alert.wards.get(alert.source, "") not in one.wards:
        raise ProblemError(409, "outside_area", f"the alert is in no ward of channel {channel}")
    if alert.origin != "live":
        raise ProblemError(409, "not_live", f"the alert is {alert.origin}: the public is not told")
    if not alert.active or alert.state == "resolved":
        raise ProblemError(409, "over", "the alert is over")
    _told(connection, channel, alert)
