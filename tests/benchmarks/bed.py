"""What every figure is measured on: one Kafka and one TimescaleDB, a fresh namespace each time."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, NamedTuple, Self
from uuid import uuid4

import msgspec
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from deploy.database.migrate import create_namespace, drop_namespace, migrate
from streams.database import connect
from streams.events import Event, decode
from streams.kafka.broker import configuration, create_topics, delete_topics, limits
from streams.kafka.clients import administering
from streams.kafka.heartbeat import HeartbeatFollower
from streams.kafka.publisher import Publisher
from streams.pipeline import PATH
from streams.settings import Settings
from streams.topics import INPUTS, WATERMARKED, physical
from tests.benchmarks.rounds import Rate
from tests.support.fleet import Fleet
from tests.support.servers import ROOT, Servers
from tests.support.usage import peak_bytes, processor_seconds

CITYOPS = str(ROOT / ".venv/bin/cityops")
RIVALS = ROOT / "build/contenders/bin/python"
LOOK_SECONDS = 0.5
SILENT_SECONDS = 60.0
"""What does not move for so long will not come."""


class Sample(NamedTuple):
    """How far something had come at a moment, and what it had taken until then."""

    seconds: float
    """Of one clock."""
    done: int
    used: Mapping[str, float]
    """Process to processor seconds."""


class Stalled(RuntimeError):
    """A contender stopped before its work was done."""


class Bed:
    """Servers as ``make up`` starts them (the database syncs its log), gone at the end."""

    def __init__(self) -> None:
        self._servers = Servers(durable=True)
        self.memory: dict[str, list[int]] = {}
        """Process to the most memory that each run of it has had resident, bytes."""

    def __enter__(self) -> Self:
        self._servers.kafka()
        self._settings = self._servers.database()
        migrate(self._settings)
        return self

    def __exit__(self, *_: object) -> None:
        self._servers.stop()

    @contextmanager
    def namespace(self) -> Iterator["Ground"]:
        """Empty topics and empty migrated tables, and a fleet to run on them."""
        settings = msgspec.structs.replace(
            self._settings, namespace=f"bench{uuid4().hex[:8]}", data_dir=Settings().data_dir
        )
        create_namespace(settings, settings.namespace)
        create_topics(settings)
        stamp_by_clock(settings)
        logs = settings.state_dir / settings.namespace
        logs.mkdir()
        try:
            with Fleet(settings, logs) as fleet:
                ground = Ground(settings, fleet, self._servers)
                yield ground
                for name, pid in ground.pids().items():
                    self.memory.setdefault(name, []).append(peak_bytes(pid))
        finally:
            delete_topics(settings)
            drop_namespace(self._settings, settings.namespace)


class Ground:
    """One namespace."""

    def __init__(self, settings: Settings, fleet: Fleet, servers: Servers) -> None:
        self.settings = settings
        self.fleet = fleet
        self._servers = servers

    def run(self, part: str, name: str = "") -> None:
        """Starts ``cityops run PART``."""
        name = name or part
        self.fleet.start(name, CITYOPS, "run", part, "--name", name)

    def rival(self, name: str, *arguments: str) -> None:
        """Starts a contender's program, whose packages are not ours.

        Raises:
            FileNotFoundError: they are not installed; ``make bench`` installs them.
        """
        self.fleet.start(name, *arguments, python=str(RIVALS))

    def wait_until_ready(self) -> None:
        """Returns when every part is well, holds its partitions and has nothing waiting."""
        groups = {name.partition("-")[0] for name in self.fleet.processes}
        steps = [step for step in PATH if step.workers in groups]
        written = {topic for step in steps for topic in step.writes}
        places = {
            f"{step.reads}/{number}"
            for step in steps
            # What nobody writes stays empty; watermarks, which later stages read, are no ticks.
            if step.reads in {*INPUTS, *written} - {*WATERMARKED}
            for number in range(self.settings.partitions)
        }
        with closing(HeartbeatFollower(self.settings)) as follower:
            began = time.monotonic()
            while True:
                time.sleep(0.1)
                well = {name: beat for name, beat in follower.latest().items() if beat.ok}
                waiting = self.fleet.processes.keys() - well.keys()
                waiting |= {name for name, beat in well.items() if beat.lag}
                held = {
                    place for beat in well.values() for place, tick in beat.sources.items() if tick
                }
                waiting |= places - held
                if not waiting:
                    return
                self._look(began, f"not ready: {', '.join(sorted(waiting))}")

    def announce(self, events: Sequence[tuple[str, Event, str]], *parts: tuple[str, str]) -> None:
        """Has parts, each with its name, take in what is configured, and ends them: started again
        they go on from there. Thousands of sources are announced once, and readings come for years.
        """
        self.publish(events)
        for part, name in parts:
            self.run(part, name)
        self.wait_until_ready()
        for _, name in parts:
            self.fleet.terminate(name)

    def publish(self, events: Sequence[tuple[str, Event, str]]) -> None:
        """(topic, event, key) each; an event without a key goes into every partition."""
        with closing(Publisher(self.settings, "bench")) as publisher:
            for topic, event, key in events:
                if key:
                    publisher.publish(topic, event, key)
                else:
                    publisher.publish_everywhere(topic, event)
            publisher.flush()

    def committed(self, table: str, rows: int) -> Rate:
        """How fast ``rows`` come into ``table``.

        What the database counts anyway is asked for, so that asking costs the contenders nothing.

        Raises:
            Stalled: they do not come.
        """
        query = (
            "SELECT coalesce(sum(pg_stat_get_tuples_inserted(chunk::oid)), 0)::bigint"
            " FROM show_chunks(%s) AS chunk"
        )
        with connect(self.settings, "bench", autocommit=True) as connection:

            def done() -> int:
                row = connection.execute(query, (f"{self.settings.namespace}.{table}",)).fetchone()
                assert row is not None
                return int(row[0])

            rate = rate_of(self._samples(done, rows))
            count = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()  # type: ignore[arg-type]
            assert count == (rows,), f"{count} rows in {table}, not {rows}"
            return rate

    def emitted(
        self, topic: str, kind: type, number: int, looks: list[Sample] | None = None
    ) -> list[tuple[Any, float]]:
        """The first ``number`` events of a kind in ``topic``, with the seconds at which the
        broker had them. Looks seldom, so that looking takes no time from them.

        Args:
            looks: takes what had been used at each look, by the broker's clock.

        Raises:
            Stalled: they do not come.
        """
        found: list[tuple[Any, float]] = []
        with closing(Follower(self.settings, topic)) as follower:
            moved = time.monotonic()
            while len(found) < number:
                time.sleep(LOOK_SECONDS)
                if looks is not None:
                    looks.append(Sample(time.time(), len(found), self.used()))
                came = [each for each in follower.poll(0.5) if isinstance(each[0], kind)]
                found += came
                moved = time.monotonic() if came else moved
                self._look(moved, f"{len(found)} of {number} in {topic}")
        return found[:number]

    def pids(self) -> dict[str, int]:
        """Of every process, servers too."""
        return self._servers.pids() | self.fleet.pids()

    def used(self) -> dict[str, float]:
        """Process to the processor seconds that it has used so far."""
        return {name: processor_seconds(pid) for name, pid in self.pids().items()}

    def _samples(self, done: Callable[[], int], wanted: int) -> list[Sample]:
        samples = [Sample(time.monotonic(), 0, self.used())]
        while samples[-1].done < wanted:
            time.sleep(0.1)
            now = Sample(time.monotonic(), done(), self.used())
            if now.done != samples[-1].done:
                samples.append(now)
            self._look(samples[-1].seconds, f"{now.done} of {wanted}")
        return samples

    def _look(self, moved: float, progress: str) -> None:
        self.fleet.tend()
        if time.monotonic() - moved > SILENT_SECONDS:
            tails = self.fleet.tails()
            raise Stalled(f"nothing moved for {SILENT_SECONDS:.0f} s at {progress}\n{tails}")


def stamp_by_clock(settings: Settings) -> None:
    """Has the broker stamp what stages send, which they stamp with event time, when it comes."""
    known = limits(settings)
    with administering(settings) as client:
        client.alter_configs(
            [
                ConfigResource(
                    ConfigResourceType.TOPIC,
                    physical(settings.namespace, topic),
                    configuration(known[topic], settings.partitions)
                    | {"message.timestamp.type": "LogAppendTime"},
                )
                for step in PATH
                for topic in step.writes
            ]
        )


class Follower:
    """Reads one topic from its beginning."""

    def __init__(self, settings: Settings, topic: str) -> None:
        name = physical(settings.namespace, topic)
        self._consumer = KafkaConsumer(
            bootstrap_servers=settings.bootstrap, group_id=None, enable_auto_commit=False
        )
        self._consumer.assign([TopicPartition(name, n) for n in range(settings.partitions)])
        self._consumer.seek_to_beginning()

    def poll(self, seconds: float) -> list[tuple[Any, float]]:
        """(event, seconds at which the broker had it) of what has come."""
        return [
            (decode(record.headers, record.value)[0], record.timestamp / 1000)
            for records in self._consumer.poll(timeout_ms=round(seconds * 1000)).values()
            for record in records
        ]

    def close(self) -> None:
        self._consumer.close()


def rate_of(samples: Sequence[Sample]) -> Rate:
    """Between a tenth and nine tenths of the work: neither the start nor the last batch counts."""
    wanted = samples[-1].done
    first = next(sample for sample in samples if sample.done >= 0.1 * wanted)
    last = next(sample for sample in samples if sample.done >= 0.9 * wanted)
    seconds = last.seconds - first.seconds
    return Rate((last.done - first.done) / seconds, cores_between(first, last))


def cores_between(first: Sample, last: Sample) -> dict[str, float]:
    """Process to the processor cores that it kept busy from one moment to another."""
    seconds = last.seconds - first.seconds
    return {name: (used - first.used.get(name, 0)) / seconds for name, used in last.used.items()}


def rate_of_moments(moments: Sequence[float], looks: Sequence[Sample]) -> Rate:
    """Of pieces of work that were each stamped when they were done.

    The rate is that between a tenth and nine tenths of them. What a piece cost is taken between
    two looks that come behind the first tenth, for the start costs more than the work.

    Args:
        moments: seconds, in order.
        looks: what had been used at moments of the same clock; ``done`` is not read.

    Raises:
        ValueError: the work was over before there were two looks.
    """
    first, last = len(moments) // 10, len(moments) * 9 // 10
    value = (last - first) / (moments[last] - moments[first])
    inside = [look for look in looks if look.seconds >= moments[first]]
    begin, end = (inside[0], inside[-1]) if inside else (looks[-1], looks[-1])
    pieces = sum(begin.seconds < moment <= end.seconds for moment in moments)
    if not pieces:
        raise ValueError(f"{len(moments)} pieces were done too soon to say what they cost")
    # As if the work had gone on at its rate between the looks, the last of which may come late.
    busy = pieces / value / (end.seconds - begin.seconds)
    cores = {name: used / busy for name, used in cores_between(begin, end).items()}
    return Rate(value, cores)
