"""Fifty operators at work while 100,000 alerts are open, and what a storm of alerts brings them.

The alerts are the lifecycle's own, stored by COPY; the service, its database and broker are those
of ``make up``. Each operator has a session and a live stream, as a console has, and acts every two
seconds: first page, search, acknowledgement. All of them are in processes of their own.
"""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from statistics import median, quantiles
from time import monotonic, sleep, time
from typing import NamedTuple

import msgspec
from psycopg import sql

from services.alerts import store
from services.alerts.alert import fold
from services.alerts.exhibits import exhibit
from services.alerts.lifecycle import receive
from services.alerts.transitions import Names
from services.api.users import CONSOLE, SESSION_SECONDS, add_user, keep
from streams.database import connect
from streams.events import SECOND, FrameRef, Incident, from_datetime
from streams.topics import CORRELATED
from tests.benchmarks import report
from tests.benchmarks.bed import Bed, Ground, Sample, Stalled, cores_between
from tests.benchmarks.consoles import KINDS, Acted, Acting, Heard, Listening
from tests.benchmarks.pace import Due, Feed
from tests.benchmarks.report import Figure
from tests.benchmarks.rounds import at_most, spread
from tests.support.alerting import START, incident, proof
from tests.support.servers import ROOT

ALERTS = 100_000
OPERATORS = 50
PAUSE_SECONDS = 2.0
SECONDS = 30.0
WARM_UP_SECONDS = 8.0
GOAL_MS = 100.0
STORM, STORM_SECONDS = 5_000, 10.0
PATIENCE_SECONDS = 180.0
"""Beyond the storm's end: what has not come by then is lost."""
LAST_SECONDS = 5.0
"""For the last of it, once it is stored."""
ACTS: report.Per = (1e3, "thousand acts")
SAID: report.Per = (1e3, "thousand alerts")

FRAME = FrameRef(0, 0, "")
STREETS = ("Cầu Rào", "Lạch Tray", "Tô Hiệu", "Nguyễn Đức Cảnh", "Trần Nguyên Hãn", "Văn Cao",
    "Ngô Quyền", "Hồng Bàng", "Đình Vũ", "Lê Thánh Tông")  # fmt: skip
SOURCES = 1_000
KINDS_OF_ALERTS = (
    ("stopped_vehicle", "high"), ("congestion", "medium"), ("intrusion", "critical"),
    ("crowd", "medium"), ("no_data", "low"),
)  # fmt: skip
TEXTS = ("cau rao", "Đình Vũ 17", "xe dung", "stopped lane-7", "cam-0042", "dam dong to hieu",
    "le thanh tong 999", "nothing of that name")  # fmt: skip
"""Of a frequent name, of several words, of a kind, of one source, and of nothing at all."""


def measure(bed: Bed, rounds: int) -> dict[str, Figure]:
    with bed.namespace() as ground:
        ids = fill(ground)
        tokens = people(ground)
        ground.run("alerts")
        ground.wait_until_ready()
        few = len(ids) // (rounds + 1) // OPERATORS
        shares = iter(ids[begin : begin + few] for begin in range(0, len(ids), few))
        mine = [[next(shares) for _ in tokens] for _ in range(rounds + 1)]
        _act(ground, tokens, mine[rounds], WARM_UP_SECONDS)
        acted = [_act(ground, tokens, each, SECONDS) for each in mine[:rounds]]
        stormed = [_storm(ground, tokens, number) for number in range(rounds)]
    return {**_of_acts(acted), **_of_storms(stormed)}


# --- what is there --------------------------------------------------------------------------------


def alarm(number: int) -> Incident:
    """The number-th incident of the city, each at a place and time of its own."""
    kind, severity = KINDS_OF_ALERTS[number % len(KINDS_OF_ALERTS)]
    source = f"cam-{number % SOURCES:04}"
    return incident(
        start=START + number * SECOND,
        source=source,
        zone=f"lane-{number % 8}",
        subject=f"track-{number}",
        kind=kind,
        rule=f"{source}-{kind}-{number // SOURCES}",
        severity=severity,
    )


def named(number: int) -> Names:
    source = number % SOURCES
    street = STREETS[source % len(STREETS)]
    lane = number % 8
    return Names(
        f"Ngã tư {street} {source}", f"{street} crossing {source}", f"Làn {lane}", f"Lane {lane}"
    )


def fill(ground: Ground) -> list[str]:
    """Stores alerts that all are open and ask; their ids."""
    lines, alerts, sequence = [], [], 0
    evidence = (exhibit(msgspec.structs.replace(proof(FRAME), frame=None)),)
    for number in range(ALERTS):
        found = receive(None, alarm(number), None, names=named(number), evidence=evidence)
        alert, sequence = fold(found), sequence + len(found)
        lines += [store.transition_row(one) for one in found]
        alerts.append(store.alert_row(alert, sequence))
    with connect(ground.settings, "bench", autocommit=True) as connection:
        for table, rows in (("alert_transitions", lines), ("alerts", alerts)):
            columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
            copy = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
            with connection.cursor() as cursor, cursor.copy(copy) as copying:
                for row in rows:
                    copying.write_row(tuple(row.values()))
            # As the server does by itself, sooner or later.
            connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))
    return [row["id"] for row in alerts]


def people(ground: Ground) -> list[str]:
    """Operators' sessions: a token each."""
    with connect(ground.settings, "bench", autocommit=True) as connection:
        names = [f"operator-{number}" for number in range(OPERATORS)]
        for name in names:
            add_user(connection, name, "operator", "")
        return [keep(connection, name, CONSOLE, seconds=SESSION_SECONDS)[0] for name in names]


# --- what operators do ----------------------------------------------------------------------------


class Round(NamedTuple):
    seconds: Mapping[str, list[float]]
    """Kind of act to how long each took."""
    lasted: float
    cores: dict[str, float]

    @property
    def acts(self) -> int:
        return sum(map(len, self.seconds.values()))


def _act(ground: Ground, tokens: list[str], ids: list[list[str]], seconds: float) -> Round:
    wanted = Acting(ground.settings.http_port, tokens, PAUSE_SECONDS, seconds, ids, list(TEXTS))
    with _listening(ground, tokens) as listener:
        before = Sample(monotonic(), 0, ground.used())
        with _clients("act") as acting:
            found = _said(acting, msgspec.json.encode(wanted))
        after = Sample(monotonic(), 0, ground.used())
        _ended(listener)
    acted = msgspec.json.decode(found, type=Acted)
    return Round(acted.seconds, after.seconds - before.seconds, cores_between(before, after))


def _of_acts(rounds: Sequence[Round]) -> dict[str, Figure]:
    rates = [each.acts / each.lasted for each in rounds]
    costs = [sum(each.cores.values()) / rate for each, rate in zip(rounds, rates, strict=True)]
    whole = Figure(
        value=median(rates),
        unit="acts/s",
        about=f"first pages, searches and acknowledgements of {OPERATORS} operators, each of whom"
        f" follows the live stream, while {ALERTS:,} alerts are open",
        spread=spread(rates),
        cost=report.cost(costs, ACTS),
        rounds=len(rounds),
        cores=report.rounded(rounds[-1].cores),
    )
    return {"operators": whole} | {
        f"operators_{kind}": _delay([each.seconds[kind] for each in rounds], about, GOAL_MS)
        for kind, about in zip(
            KINDS,
            (
                "the first page of what is open",
                "a search in all that is open",
                "an acknowledgement",
            ),
            strict=True,
        )
    }


def _delay(rounds: Sequence[Sequence[float]], about: str, goal_ms: float | None = None) -> Figure:
    cut = [quantiles(values, n=100) for values in rounds]
    halves, most = ([each[n] * 1000 for each in cut] for n in (49, 98))
    return Figure(
        value=median(most), unit="ms", p50=median(halves), p99=median(most), spread=spread(most),
        about=f"{about}, {min(map(len, rounds)):,} or more a round",
        goal=f"p99 ≤ {goal_ms:g} ms" if goal_ms else "",
        met=at_most(goal_ms, most) if goal_ms else None,
        rounds=len(rounds),
    )  # fmt: skip


# --- a storm --------------------------------------------------------------------------------------


class Stormed(NamedTuple):
    lost: int
    """Changes that a client did not hear of, over all clients; ``doubled``: heard of again, or
    too late to be in order."""
    doubled: int
    delays: list[float]
    """Seconds from an incident's publication to each client's hearing of its alert."""
    cores: float
    """Processor seconds of all that took part."""
    lasted: float
    """Seconds from the first publication to the last client's last change."""


def _storm(ground: Ground, tokens: list[str], number: int) -> Stormed:
    first = ALERTS + number * STORM
    due: Iterator[Due] = (
        (n * STORM_SECONDS / STORM, CORRELATED, one, one.sources[0])
        for n, one in enumerate(alarm(first + n) for n in range(STORM))
    )
    feed = Feed(ground.settings, due)
    with connect(ground.settings, "bench", autocommit=True) as connection:
        row = connection.execute("SELECT max(sequence) FROM alert_transitions").fetchone()
        before = row[0] if row else 0
        with _listening(ground, tokens) as listener:
            used, began = ground.used(), time()
            with feed:
                while feed.running:
                    sleep(0.5)
            raised = (
                "SELECT count(*) FROM alert_transitions WHERE kind = 'raised' AND sequence > %s"
            )
            until = monotonic() + PATIENCE_SECONDS
            while connection.execute(raised, [before]).fetchone() != (STORM,):
                sleep(0.5)
                if monotonic() > until:
                    raise Stalled(f"a storm did not become alerts\n{ground.fleet.tails()}")
            sleep(LAST_SECONDS)
            after = ground.used()
            heard = msgspec.json.decode(_ended(listener), type=Heard)
        rows = connection.execute(
            "SELECT t.sequence, t.kind, a.source, t.time FROM alert_transitions t"
            " JOIN alerts a ON a.id = t.alert WHERE t.sequence > %s ORDER BY t.sequence",
            [before],
        ).fetchall()
    said = {
        sequence: feed.published[source, from_datetime(moment)]
        for sequence, kind, source, moment in rows
        if kind == "raised"
    }
    lost, doubled = missing([row[0] for row in rows], heard.sequences)
    return Stormed(
        lost,
        doubled,
        [
            moment - said[sequence]
            for sequences, moments in zip(heard.sequences, heard.moments, strict=True)
            for sequence, moment in zip(sequences, moments, strict=True)
            if sequence in said
        ],
        sum(after[name] - used[name] for name in after),
        max(moments[-1] for moments in heard.moments if moments) - began,
    )


def missing(said: Sequence[int], heard: Sequence[Sequence[int]]) -> tuple[int, int]:
    """How many sequences clients did not hear of, and how many they heard of again or late."""
    lost = sum(len(set(said) - set(each)) for each in heard)
    doubled = sum(sum(second <= first for first, second in pairwise(each)) for each in heard)
    return lost, doubled


def _of_storms(rounds: Sequence[Stormed]) -> dict[str, Figure]:
    wrong = [float(each.lost + each.doubled) for each in rounds]
    about = (
        f"of {STORM:,} alerts in {STORM_SECONDS:g} s, lost or doubled by any of {OPERATORS} clients"
        " of the live stream"
    )
    lasted = [each.lasted for each in rounds]
    return {
        "storm": Figure(
            value=max(wrong),
            unit="changes",
            about=about,
            spread=spread(wrong),
            goal="none",
            met=at_most(0, wrong),
            cost=report.cost([each.cores / STORM for each in rounds], SAID),
            rounds=len(rounds),
        ),
        "storm_seconds": Figure(
            value=median(lasted),
            unit="s",
            about="from the storm's first incident until every client has every change",
            spread=spread(lasted),
            rounds=len(rounds),
        ),
        "storm_delay": _delay(
            [each.delays for each in rounds],
            "in the storm, from an incident's publication to each client",
        ),
    }


# --- their processes ------------------------------------------------------------------------------

Clients = subprocess.Popen[bytes]


@contextmanager
def _clients(what: str) -> Iterator[Clients]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.consoles", what],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def _listening(ground: Ground, tokens: list[str]) -> Iterator[Clients]:
    """Clients of the live stream, all of them greeted."""
    wanted = msgspec.json.encode(Listening(ground.settings.http_port, tokens))
    with _clients("listen") as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(wanted + b"\n")
        process.stdin.flush()
        if process.stdout.readline() != b"ready\n":
            raise Stalled(f"no live stream\n{ground.fleet.tails()}")
        yield process


def _said(process: Clients, line: bytes) -> bytes:
    """What it writes once it has the line.

    Raises:
        Stalled: it failed.
    """
    answer, _ = process.communicate(line + b"\n")
    if process.returncode:
        raise Stalled("the clients failed")
    return answer


def _ended(listener: Clients) -> bytes:
    return _said(listener, b"")
