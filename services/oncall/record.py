"""What deciding goes by, in the database: plans, the one order of all that happened, the outbox.

Every function works in its caller's transaction, which holds the alerts' lock
(``services.alerts.store.lock``) where it writes: so the order of the record is the order of commit,
and a message is there exactly if what it tells of is. What changes nothing is not recorded, as
deciding again from the record would not miss it.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import psycopg

from services.oncall.deciding import (
    Alerted,
    Facts,
    Happened,
    Held,
    Message,
    People,
    Peopled,
    Planned,
    Proclaimed,
    Pursuit,
    Situation,
    Ticked,
    Told,
    changed_outside,
    decide,
    matches,
    stood,
)
from services.oncall.plans import TYPES, Plan, Plans, Sort
from streams import queries
from streams.events import SECOND, Micros, to_datetime

Connection = psycopg.Connection[Any]

SQL = {name: query.sql for name, query in queries.load(Path(__file__).parent / "sql").items()}
PEOPLE, CLOCK, HELD = "people", "clock", "held"
"""What ``oncall_plans`` has beside plans: who there was when it was last decided, and how far event
time had come; and what recipients are spared in a flood."""
CLOCK_EVERY: Micros = 5 * SECOND
UNDECIDED = "undecided"
"""Policy of a message that says that there may be more: deciding failed."""

_HAPPENED = msgspec.json.Decoder(Happened)
_PURSUIT = msgspec.json.Decoder(Pursuit)

log = logging.getLogger(__name__)


def channel(namespace: str) -> str:
    """What is notified of every commit that has messages: as ``sql/notify.sql`` has it."""
    return f"messages.{namespace}"[:63]


class Known(msgspec.Struct):
    """What ``oncall_plans`` holds."""

    plans: Plans
    people: People
    clock: Micros
    held: dict[str, Held]


def known(connection: Connection) -> Known:
    plans, people, clock = Plans(), People(), 0
    held: dict[str, Held] = {}
    for sort, name, body in connection.execute(SQL["plans"]).fetchall():
        if sort == PEOPLE:
            people = msgspec.json.decode(body, type=People)
        elif sort == CLOCK:
            clock = msgspec.json.decode(body, type=Micros)
        elif sort == HELD:
            held[name] = msgspec.json.decode(body, type=Held)
        elif sort in TYPES:
            plans = plans.changed(sort, name, msgspec.json.decode(body, type=TYPES[sort]))
    return Known(plans, people, clock, held)


def alerted(connection: Connection, facts: Facts, time: Micros) -> None:
    """An alert has changed: decides, and writes what follows.

    A defect here costs no alert: it is logged, and a message says that somebody is to look.

    Args:
        time: event time of the change.
    """
    try:
        with connection.transaction():
            _alerted(connection, facts, time)
    except (psycopg.OperationalError, psycopg.InterfaceError):
        raise
    except Exception:
        log.exception("cannot decide who is told of alert %s", facts.alert)
        failed = Message(
            id=f"{UNDECIDED}/{facts.alert}/{facts.version}",
            policy=UNDECIDED,
            step=0,
            told=(),
            facts=facts,
            time=time,
        )
        _put_messages(connection, [failed])


def _alerted(connection: Connection, facts: Facts, time: Micros) -> None:
    there = known(connection)
    found = connection.execute(SQL["pursuits_of"], {"alert": facts.alert})
    pursuits = _keyed(row[0] for row in found)
    begins = facts.asks and any(matches(one, facts) for one in there.plans.policies.values())
    asked = any(not one.answered for one in pursuits.values())
    followed = any(facts.closed or changed_outside(one.facts, facts) for one in pursuits.values())
    if not asked and not begins and not followed:
        return
    _happened(connection, there, pursuits, Alerted(facts, max(time, there.clock)), asks=begins)


def is_due(connection: Connection, time: Micros) -> bool:
    """Whether anything is, to be asked without the lock."""
    row = connection.execute(SQL["is_due"], {"time": to_datetime(time), "micros": time}).fetchone()
    return bool(row and row[0])


def ticked(connection: Connection, time: Micros) -> int:
    """Event time has come this far; gives how many were told. It never goes back here."""
    found = connection.execute(SQL["pursuits_due"], {"time": to_datetime(time)})
    pursuits, there = _keyed(row[0] for row in found), known(connection)
    if not pursuits and not any(one.due and one.due <= time for one in there.held.values()):
        return 0
    return _happened(connection, there, pursuits, Ticked(time), asks=True)


def advance_clock(connection: Connection, time: Micros) -> None:
    """Notes how far event time has come, once in a while: what is raised late counts from there."""
    _put(connection, CLOCK, "", time)


def put(connection: Connection, sort: Sort, plan: Plan) -> None:
    """A plan, new or changed."""
    event = msgspec.structs.replace(Planned(sort, plan.name), **{sort: plan})
    _happened(connection, known(connection), {}, event)
    _put(connection, sort, plan.name, plan)


def drop(connection: Connection, sort: Sort, name: str) -> bool:
    """False: there is no such plan. What it was for is told no more."""
    if connection.execute(SQL["plan_drop"], {"sort": sort, "name": name}).fetchone() is None:
        return False
    found = connection.execute(SQL["pursuits_by"], {"policy": name}) if sort == "policy" else ()
    pursuits = _keyed(row[0] for row in found)
    _happened(connection, known(connection), pursuits, Planned(sort, name))
    return True


def test(connection: Connection, channel: str, address: bytes | None, time: Micros) -> str:
    """A message of somebody's own, that is no decision: to try a channel out. Gives its id.

    Args:
        address: sealed; None: the channel's own.
        time: event time.
    """
    message = Message(
        id=str(uuid4()),
        policy="",
        step=0,
        told=(Told(f"channel:{channel}"),),
        facts=_nothing(time),
        time=time,
        test=True,
    )
    _put_messages(connection, [message], address)
    return message.id


def proclaimed(connection: Connection, event: Proclaimed) -> None:
    """Two persons have decided that the public is told."""
    found = connection.execute(SQL["pursuits_of"], {"alert": event.facts.alert})
    _happened(connection, known(connection), _keyed(row[0] for row in found), event)


def public_told(connection: Connection, alert: str) -> bool:
    """Whether the public was told of it, and has not heard its end."""
    row = connection.execute(SQL["public_told"], {"alert": alert}).fetchone()
    return bool(row and row[0])


def events(connection: Connection) -> Iterator[Happened]:
    """The record, oldest first."""
    for (body,) in connection.execute(SQL["log_all"]).fetchall():
        yield _HAPPENED.decode(body)


def prune(connection: Connection, before: datetime) -> tuple[int, int]:
    """Lets go of what was told, and of the record of how that was decided, longer ago: how many
    messages, and lines. From what is left of the record the same is decided as before."""
    row = connection.execute(SQL["messages_drop"], {"before": before}).fetchone()
    found = connection.execute(SQL["log_before"], {"before": before}).fetchall()
    if len(found) <= 1:
        return (row[0] if row else 0), 0
    begins = stood(_HAPPENED.decode(body) for _, body in found)
    asked = {"upto": found[-1][0], "stood": msgspec.json.encode(begins).decode()}
    cut = connection.execute(SQL["log_cut"], asked).fetchone()
    return (row[0] if row else 0), (cut[0] if cut else 0)


def people(connection: Connection) -> People:
    """As they are now."""
    areas = {
        name: None if wards is None else tuple(wards)
        for name, wards in connection.execute(SQL["people"]).fetchall()
    }
    teams = {name: tuple(members) for name, members in connection.execute(SQL["teams"]).fetchall()}
    return People(areas, teams)


def _happened(
    connection: Connection,
    there: Known,
    pursuits: dict[tuple[str, str], Pursuit],
    event: Happened,
    *,
    asks: bool = False,
) -> int:
    """Decides and writes; ``asks``: somebody may be told, so accounts are looked at."""
    situation = Situation(there.plans, there.people, pursuits, there.held)
    earlier: list[Happened] = []
    if asks and (now := people(connection)) != there.people:
        earlier.append(Peopled(now))
        situation, _ = decide(situation, earlier[0])
        _put(connection, PEOPLE, "", now)
    after, messages = decide(situation, event)
    said = [] if after == situation and not messages else [event]
    for one in (*earlier, *said):
        connection.execute(SQL["log_add"], {"body": msgspec.json.encode(one).decode()})
    _put_pursuits(connection, pursuits, after.pursuits)
    for name, held in after.held.items():
        if there.held.get(name) != held:
            _put(connection, HELD, name, held)
    _put_messages(connection, messages)
    return len(messages)


def _put(connection: Connection, sort: str, name: str, body: Any) -> None:
    row = {"sort": sort, "name": name, "body": msgspec.json.encode(body).decode()}
    connection.execute(SQL["plan_put"], row)


def _put_pursuits(
    connection: Connection,
    before: dict[tuple[str, str], Pursuit],
    after: dict[tuple[str, str], Pursuit],
) -> None:
    for alert, policy in before.keys() - after.keys():
        connection.execute(SQL["pursuit_drop"], {"alert": alert, "policy": policy})
    for key, one in after.items():
        if before.get(key) != one:
            row = {
                "alert": one.alert,
                "policy": one.policy,
                "due": None if one.due is None else to_datetime(one.due),
                "body": msgspec.json.encode(one).decode(),
            }
            connection.execute(SQL["pursuit_put"], row)


def _put_messages(
    connection: Connection, messages: Sequence[Message], address: bytes | None = None
) -> None:
    for one in messages:
        row = {
            "id": one.id,
            "alert": one.facts.alert,
            "recipient": one.told[0].recipient if one.told else "",
            "time": to_datetime(one.time),
            "address": address,
            "body": msgspec.json.encode(one).decode(),
        }
        connection.execute(SQL["message_add"], row)
    if messages:
        connection.execute(SQL["notify"])


def _keyed(bodies: Iterable[str]) -> dict[tuple[str, str], Pursuit]:
    found = (_PURSUIT.decode(body) for body in bodies)
    return {(one.alert, one.policy): one for one in found}


def _nothing(time: Micros) -> Facts:
    """Of a test, which is about no alert."""
    return Facts(
        alert="",
        version=0,
        kind="",
        severity="informational",
        origin="simulated",
        rule="",
        source="",
        subject="",
        source_vi="",
        source_en="",
        zone_vi="",
        zone_en="",
        place=None,
        wards={},
        time=time,
        decided_at=time,
        count=1,
        asks=False,
        active=False,
    )
