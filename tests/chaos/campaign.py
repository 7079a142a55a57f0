"""A recording is replayed while parts are killed and paused at random; then results are compared.

Three stream workers, a writer, the alerts service and, in the gateway's place, a player: in a
namespace of their own, on a Kafka and a TimescaleDB of their own. One run is left alone; in the
other ones faults happen at random moments. Where decoders are among the victims, the player has
films to decode: what cameras see then comes out of those, picture by picture.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from psycopg import OperationalError, sql

from deploy.database.migrate import create_namespace
from streams.database import connect
from streams.kafka.broker import create_topics
from streams.kafka.heartbeat import HeartbeatReader
from streams.recordings import canonical, namespace, outcome, path
from streams.recordings.folder import Slice, State
from streams.settings import Settings
from tests.support import projector, town
from tests.support.fleet import Fleet
from tests.support.player import films, reached
from tests.support.servers import Servers
from tests.support.storing import COMPARED, every_row
from tests.support.waiting import crowding

WORKERS = ("streams-1", "streams-2", "streams-3")
PARTITIONS = 6
PAUSE_SECONDS = 13.0
"""Longer than a worker's session."""
AWAY_SECONDS = 60.0
START_SECONDS = 120.0
DECODER_SECONDS = 60.0
"""For a camera to have a decoder that can be hit: a busy machine takes that long to start one."""
SPOILT = "station"
"""Whose film gets broken bytes: it is on no road, where another's incident would join its own."""
WHOLE = ("quay", "bridge", "market")
"""Cameras whose decoders die and hang, which costs no picture."""
COSTS_SECONDS = 5.0
"""What a decoder's loss may cost its camera, and broken bytes in pictures."""
PER_FAULT_SECONDS = 4.0
"""Of playing, for each fault: most come while messages flow."""
CONTROL_SECONDS = 1.5
"""The same in the control."""
STEPS = path.steps("interpret")
QUERIES = {
    **{table.name: every_row(table) for table in COMPARED},
    # Which alert an incident joins may rest on whether the end of one that was announced before
    # tick A, and so has no alert here, comes first: ends wait for others, announcements do not.
    "alerts": sql.SQL(
        "SELECT (CASE kind WHEN 'repeated' THEN 'raised' ELSE kind END, incident, revision)::text"
        " FROM alert_transitions"
    ),
}
Rows = dict[str, Counter[Any]]


class Played(NamedTuple):
    """What a run came to."""

    lines: list[bytes]
    rows: Rows
    restarts: int
    missed: dict[str, projector.Missed]
    """By camera; empty: there were no films."""
    rate: float
    """Pictures a second of films."""
    spared: int
    """Faults that found no decoder."""


AWAY = "SIGKILL for a minute"
BROKEN = "broken bytes"


class Fault(NamedTuple):
    what: str
    """SIGKILL, and it comes back at once; AWAY, after ``AWAY_SECONDS``; SIGSTOP, and SIGCONT after
    ``PAUSE_SECONDS``, but for a decoder, which is given up; BROKEN, of what a decoder reads next.
    """
    victim: str


VICTIMS = {
    Fault("SIGKILL", "worker"): 8,
    Fault("SIGKILL", "writer"): 3,
    Fault("SIGKILL", "alerts"): 3,
    Fault("SIGKILL", "gateway"): 2,
    Fault("SIGKILL", "database"): 2,
    Fault("SIGKILL", "kafka"): 2,
    Fault(AWAY, "kafka"): 1,
    Fault("SIGSTOP", "worker"): 2,
    Fault("SIGSTOP", "writer"): 1,
    Fault("SIGKILL", "decoder"): 3,
    Fault("SIGSTOP", "decoder"): 2,
    Fault(BROKEN, "decoder"): 1,
}
"""How likely each is, against the others."""


def plan(number: int, seed: int) -> list[Fault]:
    """As many faults; each kind at least once where there are enough of them."""
    chance = random.Random(seed)
    kinds = list(VICTIMS)
    chosen = kinds[:number]
    chosen += chance.choices(kinds, list(VICTIMS.values()), k=number - len(chosen))
    chance.shuffle(chosen)
    return chosen


def control_plan(number: int) -> list[Fault]:
    """Kills of workers alone, to be played fast: each in the middle of what it has not stored."""
    return [Fault("SIGKILL", "worker")] * number


class Campaign:
    """The servers, and what is played on them; ends with the block.

    Args:
        servers: to be used, and left running; None: its own.

    Raises (on entering) deploy.local.errors.StackError: the machine cannot run the servers.
    """

    def __init__(self, servers: Servers | None = None) -> None:
        self._servers = servers or Servers()
        self._ours = servers is None
        self._slices = list(town.slices(town.events(), PARTITIONS))
        partitions = town.partitions(PARTITIONS)
        town.log(partitions, [piece for piece in self._slices if piece.tick <= town.AFTER])
        self._states: list[State] = town.states(partitions)
        self._later: list[Slice] = [p for p in self._slices if p.tick > town.AFTER]

    def __enter__(self) -> "Campaign":
        self._servers.kafka()
        self._servers.database()
        return self

    def __exit__(self, *_: object) -> None:
        if self._ours:
            self._servers.stop()

    def wanted(self) -> list[bytes]:
        """The log that the stages give in memory."""
        return town.log(town.partitions(PARTITIONS, self._states), self._later)

    def play(
        self,
        name: str,
        faults: list[Fault],
        seed: int,
        *,
        marks: bool = True,
        pace: float = PER_FAULT_SECONDS,
        told: Callable[[Fault], None] = lambda _: None,
    ) -> Played:
        """One run in a namespace of its own; ``told`` hears of each fault.

        Args:
            pace: seconds of playing for each fault.
            marks: False only in the control: nothing is recognised as sent again.
        """
        base = self._servers.settings
        settings = msgspec.structs.replace(
            namespace.named(base, name), partitions=PARTITIONS, database_url=base.database
        )
        create_namespace(settings, settings.namespace)
        create_topics(settings)
        namespace.prepare(settings, STEPS, town.partitions(PARTITIONS, self._states))
        logs = settings.state_dir / "logs" / settings.namespace
        logs.mkdir(parents=True)
        with Fleet(settings, logs) as fleet, ThreadPoolExecutor(1) as aside:
            self._start(fleet, marks=marks)
            self._wait_for_workers(settings, fleet)
            published = settings.state_dir / f"{name}.tick"
            length = len(faults) * pace
            speed = (town.UNTIL - town.AFTER) / 1e6 / length if faults else 0.0
            player = ["tests.support.player", str(published), str(speed), str(PARTITIONS)]
            filmed = any(fault.victim == "decoder" for fault in faults)
            fleet.start("gateway", "-m", *player, *(["films"] if filmed else []))
            spared, rate = 0, projector.PICTURES_PER_SECOND * speed
            chance = random.Random(seed)
            for fault in faults:
                self._tend(fleet, chance.uniform(0.3, pace))
                told(fault)
                if fault.victim == "decoder":
                    size = round(COSTS_SECONDS / 2 * rate * projector.PICTURE_BYTES)
                    spared += not self._do_to_decoder(fleet, fault, chance, published, size)
                else:
                    self._do(fleet, fault, chance)
            while reached(published) < self._later[-1].tick:
                self._tend(fleet, 0.2)
            settling = aside.submit(outcome.settle, settings, STEPS)
            while not settling.done():
                self._tend(fleet, 0.2)
            settling.result()
            rows = self._settled(settings, fleet)
            lines = canonical.log(outcome.incidents(settings), town.AFTER, town.UNTIL)
            missed = projector.missed(films(published)) if filmed else {}
            return Played(lines, rows, fleet.restarts, missed, rate, spared)

    def _start(self, fleet: Fleet, *, marks: bool) -> None:
        mode = "marks" if marks else "none"
        for worker in WORKERS:
            fleet.start(worker, "-m", "tests.support.part", "streams", worker, mode)
        fleet.start("writer", "-m", "tests.support.part", "writer", "writer", mode)
        fleet.start("alerts", "-m", "tests.support.alerts")

    def _wait_for_workers(self, settings: Settings, fleet: Fleet) -> None:
        """Faults are to meet workers at work, however long their programs take to load."""
        heartbeats, patience = HeartbeatReader(settings), time.monotonic() + START_SECONDS
        try:
            while set(WORKERS) - heartbeats.latest.keys() and time.monotonic() < patience:
                fleet.tend()
                heartbeats.poll(0.2)
        finally:
            heartbeats.close()

    def _tend(self, fleet: Fleet, seconds: float) -> None:
        """What exited is started again, as the supervisor would."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            fleet.tend()
            time.sleep(0.1)

    def _do(self, fleet: Fleet, fault: Fault, chance: random.Random) -> None:
        match fault:
            case Fault("SIGKILL", "database"):
                self._servers.kill_database()
                self._servers.database()
            case Fault(what, "kafka"):
                self._servers.kill_kafka()
                self._tend(fleet, AWAY_SECONDS if what == AWAY else 0)
                self._servers.kafka()
            case Fault(what, victim):
                name = chance.choice(WORKERS) if victim == "worker" else victim
                if what == "SIGKILL":
                    fleet.kill(name)
                else:
                    fleet.pause(name, PAUSE_SECONDS)

    def _do_to_decoder(
        self, fleet: Fleet, fault: Fault, chance: random.Random, published: Path, size: int
    ) -> bool:
        """Whether there was one; none is left where the films are over.

        Args:
            published: what the player writes.
            size: bytes to be broken.
        """
        camera = SPOILT if fault.what == BROKEN else chance.choice(WHOLE)
        film = films(published) / f"{camera}.avi"
        patience = time.monotonic() + DECODER_SECONDS
        while time.monotonic() < patience and reached(published) < self._later[-1].tick:
            gateway = fleet.processes["gateway"].pid
            if fault.what == BROKEN:
                if projector.spoil(gateway, film, size, chance.randrange(2**32)):
                    return True
            elif pid := projector.decoder_of(gateway, film):
                os.kill(pid, signal.Signals[fault.what])
                return True
            self._tend(fleet, 0.1)
        return False

    def _settled(self, settings: Settings, fleet: Fleet) -> Rows:
        """The rows, once nothing has come for six seconds, or longer on a busy machine."""
        before, since, patience = Rows(), time.monotonic(), time.monotonic() + 180
        while time.monotonic() < patience and time.monotonic() - since < min(6 * crowding(), 60):
            self._tend(fleet, 0.5)
            try:
                now = stored(settings)
            except OperationalError:
                since = time.monotonic()
                continue
            if now != before or not now["alerts"]:
                before, since = now, time.monotonic()
        return before


def stored(settings: Settings) -> Rows:
    """Every row, with how often it is there."""
    with connect(settings, "chaos") as connection:
        return {
            name: Counter(row[0] for row in connection.execute(query))
            for name, query in QUERIES.items()
        }


def begun_before(lines: list[bytes]) -> set[str]:
    """Ids of incidents that the window knows by an amendment first: they have no alert here."""
    first: dict[str, int] = {}
    for line in lines:
        row = canonical.row(line)
        first.setdefault(row["id"], row["revision"])
    return {name for name, revision in first.items() if revision > 0}


def spoilt(faults: Collection[Fault]) -> frozenset[str]:
    """Cameras that lose pictures for good by these."""
    return frozenset([SPOILT] if Fault(BROKEN, "decoder") in faults else [])


def differences(one: Played, other: Played, without: Collection[str] = ()) -> list[str]:
    """In words; empty: there are none.

    ``without``: cameras whose incidents and rows may differ.
    """
    found = []
    own = _of(one.lines + other.lines, without)
    lines, others = _but(one.lines, without), _but(other.lines, without)
    if lines != others:
        lost, more = set(lines) - set(others), set(others) - set(lines)
        found.append(f"the log lacks {len(lost)} lines and has {len(more)} others")
    for name in QUERIES:
        less, more_rows = one.rows[name] - other.rows[name], other.rows[name] - one.rows[name]
        if name == "alerts":
            aside = begun_before(one.lines) | own
            less, more_rows = _without(less, aside), _without(more_rows, aside)
        elif without:
            less, more_rows = _not_naming(less, without), _not_naming(more_rows, without)
        if less or more_rows:
            example = next(iter(less or more_rows))
            found.append(
                f"{name}: {less.total()} missing, {more_rows.total()} too many: {example[:200]}"
            )
    return found


def too_long(played: Played, crowding: float = 1.0) -> list[str]:
    """Cameras, in words, that lacked pictures for longer than a decoder's loss may cost.

    ``crowding``: so many programs wait for each processor.
    """
    return [
        f"{camera}: {seconds:.1f} s without a picture, {pictures / played.rate:.1f} s of them lost"
        for camera, (seconds, pictures) in played.missed.items()
        if seconds > COSTS_SECONDS * crowding or pictures / played.rate > COSTS_SECONDS
    ]


def _of(lines: list[bytes], cameras: Collection[str]) -> set[str]:
    """Ids of the incidents of these cameras."""
    rows = map(canonical.row, lines)
    return {row["id"] for row in rows if not set(cameras).isdisjoint(row["sources"])}


def _but(lines: list[bytes], cameras: Collection[str]) -> list[bytes]:
    own = _of(lines, cameras)
    return [line for line in lines if canonical.row(line)["id"] not in own]


def _without(rows: Counter[Any], incidents: set[str]) -> Counter[Any]:
    return Counter({row: n for row, n in rows.items() if row.split(",")[1] not in incidents})


def _not_naming(rows: Counter[Any], cameras: Collection[str]) -> Counter[Any]:
    return Counter({row: n for row, n in rows.items() if not any(each in row for each in cameras)})
