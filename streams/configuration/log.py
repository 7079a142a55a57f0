"""What is configured, as an append-only log in the database; the gateway publishes it in order.

Connections must be in autocommit: each function is a transaction of its own.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from streams import forms, queries
from streams.configuration import assets
from streams.configuration.address import without_credentials
from streams.configuration.check import check, ids, whole
from streams.configuration.configured import Configured, copied, folded, in_order, take
from streams.configuration.difference import makes_difference
from streams.configuration.places import in_named_ward
from streams.database import connect
from streams.events import (
    ActiveModel,
    Change,
    ControlChange,
    Mask,
    Removed,
    Rests,
    SceneryVerdict,
    Source,
    Topology,
    from_datetime,
    to_datetime,
)
from streams.kafka.clients import BrokerAwayError, administering
from streams.kafka.heartbeat import read_heartbeats
from streams.settings import Settings
from streams.stamps import wall_clock
from streams.topics import INPUTS, physical

Connection = psycopg.Connection[Any]

_SQL = queries.load(Path(__file__).parent / "sql")
_DECODER = msgspec.json.Decoder(Change)
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('control_log of ' || current_schema(), 0))"
"""One appender at a time: numbers are committed in order, so a reader never skips one. A lock
of the table is given to nobody who may not change its rows."""


TICKING_SECONDS = 6.0
"""A gateway that said nothing for longer does not count as running."""


class NotPublishedError(TimeoutError):
    """The gateway has not published a change in time; is it running?"""


def read(connection: Connection, after: int = 0) -> list[ControlChange]:
    """The changes above sequence ``after``, in order.

    Raises:
        streams.forms.NewerFormError: a later release has written one of them.
    """
    rows = connection.execute(
        "SELECT sequence, time, form, change::text FROM control_log"
        " WHERE sequence > %s ORDER BY sequence",
        (after,),
    )
    return [_control_change(*row) for row in rows]


def current(settings: Settings) -> Configured:
    """What is configured now, published or not; raises psycopg.OperationalError."""
    with connect(settings, "control", autocommit=True) as connection:
        return folded(read(connection))


@contextmanager
def changing(connection: Connection) -> Iterator[Configured]:
    """A transaction in which nobody else changes what is configured, and what that is.

    Raises as ``read``.
    """
    with connection.transaction():
        connection.execute(_LOCK)
        yield folded(read(connection))


def append(connection: Connection, changes: Sequence[Change], actor: str) -> list[ControlChange]:
    """Checks and appends all of the changes, in order, or none of them.

    Raises:
        InvalidChangeError: a change cannot stand; the message says why.
    """
    with connection.transaction():
        return _append(connection, changes, actor, only_missing=False)


def append_missing(settings: Settings, changes: Sequence[Change], actor: str) -> int:
    """Appends those changes that would change something; asked again, it appends nothing.

    Returns the sequence number that ``wait_published`` waits for, so that the sources among the
    changes are known before their first event.

    Raises:
        InvalidChangeError: a change cannot stand; none was appended then.
        psycopg.OperationalError: no database answers.
    """
    with connect(settings, "control", autocommit=True) as connection, connection.transaction():
        _append(connection, changes, actor, only_missing=True)
        row = connection.execute("SELECT coalesce(max(sequence), 0) FROM control_log").fetchone()
        return int(row[0]) if row else 0


def _append(
    connection: Connection, changes: Sequence[Change], actor: str, *, only_missing: bool
) -> list[ControlChange]:
    connection.execute(_LOCK)
    log = read(connection)
    known = copied(folded(log))
    newest = log[-1].time if log else 0
    number, wards = _next(connection), named_wards(connection)
    appended: list[ControlChange] = []
    for asked in changes:
        change = in_named_ward(whole(asked, known), wards)
        if only_missing and not makes_difference(known, change):
            continue
        check(known, change)
        event = ControlChange(number + len(appended), max(wall_clock(), newest), change)
        take(known, change)
        appended.append(event)
    _store(connection, appended, actor)
    return appended


def named_wards(connection: Connection) -> list[str]:
    """Those that people were limited to before there was a source in them."""
    return [ward for (ward,) in connection.execute(_SQL["wards_named"].sql).fetchall()]


def _next(connection: Connection) -> int:
    """Above all that is in the log, and above all that was ever published: a restored log ends
    below what the stages know, and what they know they ignore."""
    row = connection.execute(
        "SELECT greatest((SELECT max(sequence) FROM control_log),"
        " (SELECT max(sequence) FROM control_published), 0) + 1"
    ).fetchone()
    assert row is not None
    return int(row[0])


def _store(connection: Connection, events: Sequence[ControlChange], actor: str) -> None:
    rows = [
        (
            event.sequence,
            to_datetime(event.time),
            actor,
            _form(event.change),
            msgspec.json.encode(event.change).decode(),
        )
        for event in events
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO control_log (sequence, time, actor, form, change)"
            " VALUES (%s, %s, %s, %s, %s)",
            rows,
        )
    assets.store(connection, events)


def _form(change: Change) -> int:
    """As ``forms.CONTROL_LOG`` says: what an earlier release can read it may read."""
    match change:
        case Topology():
            return 3
        case Mask() | SceneryVerdict() | Removed("mask" | "scenery"):
            return 2
    return 1


_FORGOTTEN_IN_ORDER = ("rule", "zone", "mask", "scenery", "source")
"""What is drawn on a source goes before it."""


def restate(
    connection: Connection, topics: str, reached: int, known_there: Sequence[Removed], actor: str
) -> int:
    """After a restore: says all that is configured once more, above what was ever published.

    What the stages were told since the backup was made is not in the log any more. They are told
    to forget what is no longer configured, and all that is, in an order in which it can stand.

    Args:
        reached: the highest sequence that was ever published.
        known_there: the removal of everything that the stages may know.

    Returns:
        How many changes that took.
    """
    with connection.transaction():
        connection.execute(_LOCK)
        record_published(connection, topics, reached)
        known = folded(read(connection))
        gone = [each for each in known_there if each.id not in ids(known, each.kind)]
        changes: list[Change] = [
            *sorted(gone, key=lambda each: (_FORGOTTEN_IN_ORDER.index(each.kind), each.id)),
            *in_order(known.sources),
            *in_order(known.zones),
            *in_order(known.rules),
            *in_order(known.masks),
            *in_order(known.scenery),
            *(ActiveModel(task, model) for task, model in sorted(known.models.items())),
            *(Topology(on) for on in known.switches.values()),
        ]
        moment, first = wall_clock(), _next(connection)
        told = [ControlChange(number, moment, each) for number, each in enumerate(changes, first)]
        _store(connection, told, actor)
        return len(changes)


def announced_by(connection: Connection, actor: str) -> frozenset[str]:
    """Ids of all sources that the actor has ever announced."""
    rows = connection.execute(
        "SELECT DISTINCT change->>1 FROM control_log WHERE actor = %s AND change->>0 = 'source'",
        (actor,),
    )
    return frozenset(source for (source,) in rows)


def rest(connection: Connection, wanted: Mapping[str, Rests], actor: str) -> int:
    """Says of sources whether anything is to come of them, and changes nothing else about them.

    So nothing is checked: a source whose feed is gone may rest, too.

    Args:
        wanted: by source id; those that are not configured, or rest so already, are passed over.

    Returns:
        Of how many that was new.
    """
    with changing(connection) as known:
        number, said = _next(connection), list[ControlChange]()
        for source in in_order(known.sources):
            rests = wanted.get(source.id, source.rests)
            if rests != source.rests:
                change = msgspec.structs.replace(source, rests=rests)
                said.append(ControlChange(number + len(said), wall_clock(), change))
        _store(connection, said, actor)
        return len(said)


def explain(connection: Connection, on: bool, groups: bool, actor: str) -> int:
    """Says whether what depends on an asset that is down is explained by it, and whether what tells
    of one event is joined, where that is new.

    Where nobody ever said it, all assets are said again: no release before had a stage that knew
    what depends on what. Nothing is checked, as in ``rest``.

    Returns how many changes that took.
    """
    with changing(connection) as known:
        before = known.switches.get("topology")
        if (before, known.switches.get("grouping")) == (on, groups):
            return 0
        again: list[Change] = [] if before is not None else [*in_order(known.sources)]
        number, moment = _next(connection), wall_clock()
        said = [
            ControlChange(number + n, moment, change)
            for n, change in enumerate([*again, Topology(on, groups)])
        ]
        _store(connection, said, actor)
        return len(said)


def catch_up(connection: Connection) -> None:
    """Brings the table of assets up to what was logged before there was one."""
    with connection.transaction():
        connection.execute(_LOCK)
        assets.store(connection, read(connection, after=assets.newest(connection)))


def remove_credentials(connection: Connection) -> int:
    """Takes out of the log what earlier releases let into it of cameras' passwords.

    The one rewriting of what is append-only, by whoever owns the table: of an address nothing else
    is changed, and nothing is decided by it. Returns how many changes had any.
    """
    place = 1 + Source.__struct_fields__.index("address")  # behind the name of the type
    with connection.transaction():
        connection.execute(_LOCK)
        rows = connection.execute(
            "SELECT sequence, change->>%s FROM control_log WHERE change->>0 = 'source'", (place,)
        ).fetchall()
        shown = [(number, told, without_credentials(told)) for number, told in rows if told]
        leaks = [(number, public) for number, told, public in shown if told != public]
        if leaks:
            connection.execute("ALTER TABLE control_log DISABLE TRIGGER append_only")
            for number, public in leaks:
                connection.execute(
                    "UPDATE control_log SET change ="
                    " jsonb_set(change, ARRAY[%s], to_jsonb(%s::text)) WHERE sequence = %s",
                    (str(place), public, number),
                )
            connection.execute("ALTER TABLE control_log ENABLE TRIGGER append_only")
    return len(leaks)


def _control_change(sequence: int, moment: datetime, form: int, change: str) -> ControlChange:
    forms.insist("control_log", form, forms.CONTROL_LOG)
    return ControlChange(sequence, from_datetime(moment), _DECODER.decode(change))


# --- what has been published ----------------------------------------------------------------


def topics_id(settings: Settings) -> str:
    """Kafka's identifiers of the input topics: others mean that the topics were created anew.

    Raises:
        BrokerAwayError: Kafka does not answer, or has no such topics.
    """
    names = [physical(settings.namespace, topic) for topic in INPUTS]
    with administering(settings, "control", 5) as admin:
        found = {topic["name"]: topic["topic_id"] for topic in admin.describe_topics(names)}
    for name in names:
        if not found.get(name):
            raise BrokerAwayError(settings, LookupError(f"it has no topic {name}"))
    return " ".join(str(found[name]) for name in names)


def published(connection: Connection, topics: str) -> int:
    """Every change up to this one is in every partition of the input topics; 0: none yet."""
    row = connection.execute(
        "SELECT sequence FROM control_published WHERE topics = %s", (topics,)
    ).fetchone()
    return int(row[0]) if row else 0


def record_published(connection: Connection, topics: str, sequence: int) -> None:
    connection.execute(
        "INSERT INTO control_published (topics, sequence) VALUES (%s, %s) ON CONFLICT (topics)"
        " DO UPDATE SET sequence = greatest(excluded.sequence, control_published.sequence),"
        " time = clock_timestamp()",
        (topics, sequence),
    )


def wait_published(settings: Settings, sequence: int, timeout_seconds: float = 30) -> None:
    """Returns when a source that the changes up to ``sequence`` announce may begin to publish.

    They are in every input partition then, and the gateway ticks: after a night switched off, a
    source that speaks before the first tick is hours ahead of event time.

    Raises:
        NotPublishedError: the gateway did not publish them in time, or does not run.
        BrokerAwayError: Kafka does not answer.
        psycopg.OperationalError: no database answers.
    """
    topics = topics_id(settings)
    deadline = time.monotonic() + timeout_seconds
    with connect(settings, "control", autocommit=True) as connection:
        while (reached := published(connection, topics)) < sequence or not _ticks(settings):
            if time.monotonic() > deadline:
                raise NotPublishedError(
                    f"the gateway has published changes up to {reached} of {sequence} in"
                    f" {timeout_seconds:g} s, or does not tick: is it running?"
                )
            time.sleep(0.1)


def _ticks(settings: Settings) -> bool:
    gateway = read_heartbeats(settings, TICKING_SECONDS).get("gateway")
    return gateway is not None and gateway.counts.get("ticks", 0) > 0
