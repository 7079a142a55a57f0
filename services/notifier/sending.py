"""Sends what the outbox holds: at least once, under one key, until it is there or is given up.

What goes together is written down, with its key, before anything is sent (``_claim``), and what
became of it after (``_settle``). Killed in between, the next process sends it again under the same
key: a receiver that honours keys has it once, and none is lost. While something is on its way to
somebody by a channel nothing overtakes it there.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import msgspec
import psycopg

from services.alerts import rationale, store
from services.alerts.issued import Issue, newest
from services.alerts.outlines import outline_of
from services.alerts.words import Language
from services.notifier import gate, stored, templates
from services.notifier.channel import (
    BadConfigurationError,
    FailedError,
    RefusedError,
    Way,
    Written,
)
from services.notifier.connecting import Connector
from services.notifier.gate import Parcel
from services.notifier.registry import find as find_channel
from services.notifier.stations import Watch
from services.notifier.stored import SQL, Connection, Contact, StoredChannel
from services.notifier.templates import Line
from services.oncall.deciding import Facts, Message
from services.oncall.law import Verdict
from services.oncall.links import LASTS, PURPOSE, Claim, sign
from services.oncall.plans import STATION, Recipient, split
from services.oncall.sight import Sight, sight
from streams.events import Micros, from_datetime
from streams.forms import NewerFormError
from streams.sealing import CHANNELS, Seal
from streams.settings import Settings
from streams.stamps import wall_clock
from streams.visible import line

AT_ONCE = 8
"""Servers that are spoken to at a time."""
MOST = 500
"""Messages that are looked at in a round."""
MOST_BEHIND = 10 * MOST
"""And so many more where as many wait for who answers slowly."""
TOGETHER = 20
"""Messages that go as one."""
WINDOW_SECONDS = 600
BURST, BURST_CRITICAL = 6, 30
"""So many times in that window is one recipient told by one channel; what is more waits, and then
goes together. Where something critical waits the second holds."""
TRIES, TRIES_OF_THE_LAST = 5, 14
"""Of one way: half a minute where there is another way, an hour and a half of the last one."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 2.0, 600.0
PATIENCE_SECONDS = FIRST_WAIT_SECONDS * 2 ** (TRIES - 2)
"""Where a server asks for more and there is another way, that one is taken at once."""
LONGEST_DETAIL = 300
_BATCHES = UUID("e0f5b0a4-8a57-5d0f-8f0b-6a5b7f3a2c11")
_MESSAGE = msgspec.json.Decoder(Message)

log = logging.getLogger(__name__)


class Due(NamedTuple):
    """A row of ``due.sql``."""

    sequence: int
    state: str
    route: int
    recipient: str
    channel: str
    batch: str
    attempts: int
    address: bytes | None
    message: Message


class Route(NamedTuple):
    """One way to one recipient."""

    recipient: Recipient
    channel: StoredChannel
    address: str
    language: Language
    exercises_until: datetime | None


class _Alike(NamedTuple):
    """What has all of this in common may go together."""

    recipient: str
    channel: str
    address: str
    live: bool
    test: bool
    route: int
    last: bool
    """There is no other way."""
    confirmed: bool


class Group(NamedTuple):
    """What goes together."""

    key: str
    route: Route
    rows: Sequence[Due]

    @property
    def sequences(self) -> list[int]:
        return [row.sequence for row in self.rows]


Outcome = Verdict | FailedError | RefusedError


class Book:
    """Channels, contacts and what people may see, as they are in this round."""

    def __init__(self, connection: Connection, settings: Settings) -> None:
        self._settings = settings
        self._areas = stored.areas(connection)
        self._channels = stored.channels(connection, settings)
        self._contacts = stored.contacts(connection, settings)
        self._stations = {one.name: one for one in stored.stations(connection, settings)}

    def routes(self, row: Due) -> list[Route]:
        """Every way to everybody whom the message was for when it was decided, in order."""
        return [
            route for told in row.message.told for route in self._of(told.recipient, row.address)
        ]

    def _of(self, recipient: Recipient, address: bytes | None) -> Iterable[Route]:
        who, name = split(recipient)
        if who == "channel":
            if channel := self._channels.get(name):
                to = "" if address is None else stored.open_address(self._settings, address)
                yield Route(recipient, channel, to, channel.language, channel.exercises_until)
            return
        if who == STATION:
            station = self._stations.get(name)
            if station and (channel := self._channels.get(station.channel)):
                yield Route(recipient, channel, station.address, channel.language, None)
            return
        for contact in self._contacts:
            if contact.user == name and (channel := self._channels.get(contact.channel)):
                yield _to(recipient, channel, contact)

    def sight(self, message: Message, recipient: Recipient) -> Sight | None:
        """What of it they may be told now; None: nothing any more.

        What somebody tries a channel out with is for whom they have named.
        """
        who, name = split(recipient)
        if message.test:
            return Sight(False)
        if who == STATION:
            station = self._stations.get(name)
            there = station is None or station.ward in message.facts.wards.values()
            return Sight(False) if there else None
        if who == "channel":
            channel = self._channels.get(name)
            if channel is None:
                return Sight(False)  # there is no way to it, which is said as that
            areas = {name: channel.wards}
        else:
            areas = self._areas
        if name not in areas:
            return None
        area, facts = areas[name], message.facts
        if message.summary is None or area is None:
            return sight(facts.source, facts.wards, area)
        if message.summary.within(area) is None:
            return None
        partial = facts.wards.get(facts.source, "") not in area
        return Sight(partial, frozenset(area))

    def another(self, row: Due) -> int | None:
        """Which way comes after the row's, of those to who may be told of it; None: there is no
        other."""
        return self.way(row._replace(route=row.route + 1))

    def way(self, row: Due) -> int | None:
        """The row's, or the first after it to somebody who may be told of it; None: none is left.
        Ways keep their places, whoever may see what meanwhile."""
        ways = enumerate(self.routes(row))
        return next(
            (
                place
                for place, route in ways
                if place >= row.route and self.sight(row.message, route.recipient)
            ),
            None,
        )


def _to(recipient: Recipient, channel: StoredChannel, contact: Contact) -> Route:
    return Route(recipient, channel, contact.address, contact.language, contact.exercises_until)


class Sender:
    """One connection to the database; ``round`` is called over and over."""

    def __init__(
        self, settings: Settings, connection: Connection, alive: Callable[[], None] = lambda: None
    ) -> None:
        """``alive``: called every second while others are waited for."""
        self._settings, self._connection, self._alive = settings, connection, alive
        self._connector = Connector.of(settings)
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sending")
        self.stations = Watch(settings, connection, self._connector)
        self._going: dict[Future[Verdict], tuple[Group, Book]] = {}
        """What is on its way now."""
        self._behind = 0
        """Messages of the last round that waited for it: others are looked for beyond them."""
        self._kept: dict[str, stored.Kept] = {}
        self._base = (settings.public_url or settings.api).rstrip("/")
        self.counts: Counter[str] = Counter()
        """What became of messages since this began."""
        self.problem = ""
        """What went wrong last, by channel; empty: nothing since it last went well."""

    def close(self) -> None:
        """What is on its way is waited for; what had to wait itself is the next process's."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._going = {one: going for one, going in self._going.items() if not one.cancelled()}
        with suppress(psycopg.Error):  # the database is away: it is sent again under the same key
            self._await()
        self._pool.shutdown()
        self.stations.close()

    def alone(self) -> bool:
        """Whether no other notifier of this namespace is connected; from then on none is let."""
        row = self._connection.execute(SQL["alone"]).fetchone()
        return bool(row and row[0])

    def round(self, seconds: float | None = None) -> int:
        """Tries what is due, and waits for what becomes of it; gives how many messages were due.

        Args:
            seconds: for which that is waited for. Who answers later is heard in a later round, and
                nobody else waits for them. None: to the end.
        """
        self._connection.execute(SQL["adopt"])
        if rows := self._due():
            book = Book(self._connection, self._settings)
            still = self._still(rows, book)
            groups, lines = self._written(
                [*self._begun(still, book), *self._new(still, book)], book
            )
            for group in groups:
                self._claim(group)
            now = wall_clock()
            for group, told in zip(groups, lines, strict=True):
                self._going[self._pool.submit(self._send, group, told, now)] = group, book
        self._await(seconds)
        return len(rows)

    def _await(self, seconds: float | None = None) -> None:
        """Writes down what becomes of what is on its way."""
        until = None if seconds is None else monotonic() + seconds
        while self._going:
            left = 1.0 if until is None else min(max(until - monotonic(), 0.0), 1.0)
            done = wait_for(self._going, timeout=left, return_when=FIRST_COMPLETED).done
            for future in done:
                self._settle(*self._going.pop(future), _outcome(future))
            if done:
                continue
            self._alive()
            if until is not None and monotonic() >= until:
                return

    def _due(self) -> list[Due]:
        """What may be tried now, and is not on its way; what cannot be read is given up, and in
        nobody's way."""
        going = {sequence for group, _ in self._going.values() for sequence in group.sequences}
        found = []
        most = MOST + len(going) + min(self._behind, MOST_BEHIND)
        self._behind = 0
        for *row, body in self._connection.execute(SQL["due"], {"most": most}).fetchall():
            if row[0] in going:
                continue
            try:
                found.append(Due._make((*row, _MESSAGE.decode(body))))
            except msgspec.DecodeError:
                log.exception("message %d cannot be read", row[0])
                self._settled([row[0]], row[2], "failed", detail="it cannot be read")
        return found

    def _still(self, rows: Sequence[Due], book: Book) -> list[Due]:
        """Those that may go on. To who no longer may see what they were to be told it goes no
        more: whoever is told instead is told, and where nobody is, it is withheld."""
        kept = []
        for row in rows:
            if row.state == "sending":
                if book.sight(row.message, row.recipient):
                    kept.append(row)
                else:  # its way is looked for anew, in the next round
                    self._set([row], "waiting", route=row.route, detail=_unseen(row.recipient))
                continue
            routes, way = book.routes(row), book.way(row)
            if way is not None:
                kept.append(row._replace(route=way))
            elif row.route < len(routes):
                self._set([row], "withheld", detail=_unseen(routes[row.route].recipient))
            else:
                self._set([row], "failed", detail=_no_way(row))
        return kept

    def _written(self, groups: Sequence[Group], book: Book) -> tuple[list[Group], list[list[Line]]]:
        """Those of which something can be said, with what; a defect costs no other message."""
        kept, lines = [], []
        for group in groups:
            try:
                lines.append([self._line(row, group.route, book) for row in group.rows])
                kept.append(group)
            except (psycopg.OperationalError, psycopg.InterfaceError):
                raise
            except Exception as error:
                log.exception("a message cannot be written")
                self._give_up(group.rows, book, f"a defect: {type(error).__name__}")
        return kept, lines

    # --- what goes together ------------------------------------------------------------------

    def _begun(self, rows: Sequence[Due], book: Book) -> list[Group]:
        """What was on its way already goes as it was written down."""
        found = []
        begun = sorted((row for row in rows if row.state == "sending"), key=lambda row: row.batch)
        for batch, members in groupby(begun, key=lambda row: row.batch):
            together = sorted(members)
            first = together[0]
            route = next(
                (
                    each
                    for each in book.routes(first)
                    if (each.recipient, each.channel.name) == (first.recipient, first.channel)
                ),
                None,
            )
            if route is None:
                for row in together:  # what came after it is at its place now
                    detail = "its channel, or its address, is gone"
                    self._set([row], "waiting", route=row.route, detail=detail)
            else:
                found.append(Group(batch, route, together))
        return found

    def _new(self, rows: Sequence[Due], book: Book) -> list[Group]:
        """What waits and may go now, by what goes together."""
        found = self._connection.execute(SQL["blocked"]).fetchall()
        later: dict[tuple[str, str], float] = {(who, by): wait for who, by, wait in found}
        tried = {(row.recipient, row.channel) for row in rows if row.state == "sending"}
        tried |= {(one.route.recipient, one.route.channel.name) for one, _ in self._going.values()}
        behind: dict[float, list[int]] = {}
        waiting: dict[_Alike, list[tuple[Due, Route]]] = {}
        for row in rows:
            if row.state != "waiting":
                continue
            route = book.routes(row)[row.route]
            at = (route.recipient, route.channel.name)
            if wait := later.get(at):
                behind.setdefault(wait, []).append(row.sequence)
            if wait or at in tried:
                self._behind += not wait
                continue
            message = row.message
            alike = _Alike(
                *at,
                route.address,  # of two tests of one channel
                message.facts.origin == "live",
                message.test,
                row.route,
                book.another(row) is None,
                _confirmed(message),
            )
            waiting.setdefault(alike, []).append((row, route))
        for wait, sequences in behind.items():
            # Else one channel that is down would fill every round, and nobody else be told.
            self._postpone(sequences, max(wait, 1.0), "waits for what is on its way there")
        return self._chosen(waiting)

    def _chosen(self, waiting: Mapping[_Alike, list[tuple[Due, Route]]]) -> list[Group]:
        """Of what is alike so much as goes together, the critical first."""
        found = []
        for (recipient, channel, _, _, test, *_), members in waiting.items():
            grave = {
                row.message.facts.alert
                for row, _ in members
                if row.message.facts.severity == "critical"
            }
            # All of an alert, so that nothing of it overtakes what was before.
            members.sort(key=lambda one: one[0].message.facts.alert not in grave)
            chosen = [row for row, _ in members[:TOGETHER]]
            wait = 0.0 if test else self._wait(recipient, channel, chosen)
            if wait:
                said = f"told {BURST} times in {WINDOW_SECONDS // 60} minutes: goes with the next"
                self._postpone([row.sequence for row, _ in members], wait, said)
                continue
            found.append(Group(_key([row.message.id for row in chosen]), members[0][1], chosen))
        return found

    def _postpone(self, sequences: Sequence[int], wait: float, detail: str) -> None:
        asked = {"wait": wait, "sequences": list(sequences), "detail": detail}
        self._connection.execute(SQL["postpone"], asked)

    def _wait(self, recipient: str, channel: str, rows: Sequence[Due]) -> float:
        """Seconds until somebody may be told again; 0: now."""
        critical = any(row.message.facts.severity == "critical" for row in rows)
        limit = BURST_CRITICAL if critical else BURST
        asked = {"recipient": recipient, "channel": channel, "seconds": WINDOW_SECONDS}
        times = [row[1] for row in self._connection.execute(SQL["sent_lately"], asked).fetchall()]
        if len(times) < limit:
            return 0.0
        # What is critical meanwhile is looked at soon, whatever waits with it.
        oldest = from_datetime(times[-limit]) / 1e6 + WINDOW_SECONDS - wall_clock() / 1e6
        return min(max(oldest, 1.0), WINDOW_SECONDS)

    # --- one try -----------------------------------------------------------------------------

    def _send(self, group: Group, lines: Sequence[Line], now: Micros) -> Verdict:
        route, first = group.route, group.rows[0].message
        until, secrets = route.exercises_until, route.channel.secrets
        if secrets is None:
            raise RefusedError("its secrets were sealed with a key that is not here: set it again")
        channel, name = find_channel(route.channel.type), route.channel.name
        keep = self._kept.setdefault(name, stored.Kept(self._connection, self._settings, name))

        def write(exercise: bool) -> Written:
            return templates.write(lines, route.language, self._base, exercise=exercise)

        parcel = Parcel(
            channel=channel,
            way=Way(
                msgspec.convert(route.channel.configuration, channel.Configuration),
                msgspec.convert(secrets, channel.Secrets),
                route.address,
                group.key,
                self._connector,
                route.channel.public or channel.PUBLIC,
                keep,
                stored.Turned(self._connection, self._settings, name),
            ),
            origin=first.facts.origin,
            test=first.test,
            public=route.channel.public,
            exercises_until=None if until is None else from_datetime(until),
            confirmed=all(_confirmed(row.message) for row in group.rows),
            write=write,
        )
        return gate.hand_over(parcel, now)

    def _line(self, row: Due, route: Route, book: Book) -> Line:
        message = row.message
        partial, wards = book.sight(message, route.recipient) or Sight(True, frozenset())
        summary = message.summary
        if summary is not None and wards is not None:
            summary = summary.within(wards)
        if message.test:
            return Line(message.id, message.facts, partial, None, message.step, True)
        why = None if partial else rationale.of_facts(self._connection, message.facts)
        one = not partial and message.summary is None
        return Line(
            message.id,
            message.facts,
            partial,
            why,
            message.step,
            False,
            self._issue(message),
            self._link(message.facts, route) if one else "",
            summary,
            wards,
            outline_of(self._connection, message.facts.source) if one else (),
        )

    def _link(self, facts: Facts, route: Route) -> str:
        """By which a person acknowledges it; empty: it goes to no person."""
        who, name = split(route.recipient)
        if who != "user":
            return ""
        key = Seal(self._settings, CHANNELS).derived(PURPOSE)
        claim = Claim(name, facts.alert, facts.version, wall_clock() + LASTS)
        return templates.acknowledging(self._base, sign(key, claim))

    def _issue(self, message: Message) -> Issue | None:
        facts = message.facts
        try:
            return newest(store.history(self._connection, facts.alert, facts.version))
        except (NewerFormError, msgspec.DecodeError):
            return None  # whoever is told is told all the same

    def _claim(self, group: Group) -> None:
        self._connection.execute(
            SQL["claim"],
            {
                "recipient": group.route.recipient,
                "channel": group.route.channel.name,
                "batch": group.key,
                "sequences": group.sequences,
            },
        )

    def _settle(self, group: Group, book: Book, outcome: Outcome) -> None:
        rows, channel = list(group.rows), group.route.channel.name
        if isinstance(outcome, Verdict):
            self.problem = ""
            if outcome.may:
                tried = rows[0].attempts + 1
                self._set(rows, "sent", batch=group.key, attempts=tried, exercise=outcome.exercise)
            else:
                origin = rows[0].message.facts.origin
                why = f"{outcome.reason}: it is {origin}"
                if outcome.reason == "unconfirmed":
                    why = "unconfirmed: telling the public takes two persons (cityops warning)"
                self._set(rows, "withheld", detail=why)
            return
        self.problem = line(f"channel {channel}: {outcome}")[:LONGEST_DETAIL]
        tried = rows[0].attempts + 1
        last = all(book.another(row) is None for row in rows)
        most = TRIES_OF_THE_LAST if last else TRIES
        asked = 0.0 if isinstance(outcome, RefusedError) else outcome.wait_seconds
        patient = last or asked <= PATIENCE_SECONDS
        if isinstance(outcome, RefusedError) or tried >= most or not patient:
            self._give_up(rows, book, f"{channel}: {outcome}")
            return
        wait = min(max(FIRST_WAIT_SECONDS * 2 ** (tried - 1), asked), LONGEST_WAIT_SECONDS)
        self._set(
            rows,
            "sending",
            batch=group.key,
            attempts=tried,
            wait=wait,
            detail=f"{channel}: {outcome}; tried {tried} times",
        )

    def _give_up(self, rows: Sequence[Due], book: Book, detail: str) -> None:
        """This way: the next is tried, or there is none."""
        log.warning("%d messages given up: %s", len(rows), line(detail))
        for row in rows:
            another = book.another(row) is not None
            self._set([row], "waiting" if another else "failed", route=row.route + 1, detail=detail)

    def _set(
        self,
        rows: Sequence[Due],
        state: str,
        *,
        route: int | None = None,
        batch: str = "",
        attempts: int = 0,
        exercise: bool = False,
        detail: str = "",
        wait: float = 0.0,
    ) -> None:
        self._settled(
            [row.sequence for row in rows],
            rows[0].route if route is None else route,
            state,
            batch=batch,
            attempts=attempts,
            exercise=exercise,
            detail=detail,
            wait=wait,
        )

    def _settled(
        self,
        sequences: Sequence[int],
        route: int,
        state: str,
        *,
        batch: str = "",
        attempts: int = 0,
        exercise: bool = False,
        detail: str = "",
        wait: float = 0.0,
    ) -> None:
        asked: dict[str, Any] = {
            "state": state,
            "route": route,
            "batch": batch,
            "attempts": attempts,
            "exercise": exercise,
            "detail": line(detail)[:LONGEST_DETAIL],
            "wait": wait,
            "sequences": list(sequences),
        }
        self._connection.execute(SQL["settle"], asked)
        if state not in ("waiting", "sending"):
            self.counts[state] += len(sequences)


def _key(ids: Sequence[str]) -> str:
    """Of what goes together: a message's own, where it goes alone."""
    return ids[0] if len(ids) == 1 else str(uuid5(_BATCHES, "\n".join(ids)))


def _confirmed(message: Message) -> bool:
    return message.warning is not None and message.warning.by_two


def _unseen(recipient: Recipient) -> str:
    return f"{recipient} no longer may see it"


def _no_way(row: Due) -> str:
    if not row.message.told:
        return "nobody is to be told: nobody is on call, or may see it, and there is no fallback"
    return "nobody whom it is for has an address that works"


def _outcome(future: "Future[Verdict]") -> Outcome:
    try:
        return future.result()
    except (FailedError, RefusedError) as error:
        return error
    except BadConfigurationError as error:
        return RefusedError(str(error))
    except Exception as error:  # a defect of a channel's: one message must not stop all others
        log.exception("a channel failed")
        return FailedError(f"a defect: {type(error).__name__}")
