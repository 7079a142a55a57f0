"""A recording run again by real workers, in a namespace that nothing else has to do with.

Topics, changelogs, worker groups, folders and the tables' schema carry the namespace's name; the
live ones are never touched. What was known at tick A is written into the changelogs, where workers
look for it.
"""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Self

import msgspec

from streams.events import BadMessage, Incident, Micros, decode, encode
from streams.kafka import broker, clients
from streams.kafka.clients import answering
from streams.kafka.limits import CHECKPOINT_BYTES
from streams.kafka.publisher import Publisher
from streams.pipeline import Step
from streams.recordings import outcome, runs
from streams.recordings.folder import Slice
from streams.recordings.outcome import changelog
from streams.recordings.pace import Pace
from streams.recordings.packing import Record
from streams.recordings.replayed import replayed
from streams.recordings.room import Room, readers
from streams.runtime.changelogs import create_changelogs
from streams.runtime.partition import Partition
from streams.settings import PREFIX, Settings
from streams.tables import writer as writers
from streams.topics import REPLAYS, physical

BACKLOG_BYTES = 16 * 2**20
"""Of what was handed over and not yet accepted by the broker."""
TEND_SECONDS = 0.2


def named(settings: Settings, name: str) -> Settings:
    """The settings of a replay's namespace.

    Raises streams.recordings.runs.BadNameError.
    """
    return msgspec.structs.replace(settings, namespace=f"{REPLAYS}{runs.checked(name)}")


def prepare(settings: Settings, steps: Sequence[Step], partitions: Iterable[Partition]) -> None:
    """Makes the namespace's topics, and stores what ``partitions`` know.

    Raises:
        BrokerAwayError: Kafka does not answer.
        streams.kafka.broker.PartitionsDifferError: the namespace is there, with other partitions.
    """
    by_stage = {step.stage: changelog(step) for step in steps}
    broker.create_topics(settings)
    names = [physical(settings.namespace, topic) for topic in by_stage.values()]
    create_changelogs(settings, names)
    with answering(settings):
        producer = clients.producer(settings, "replay", max_request_size=CHECKPOINT_BYTES)
        try:
            for partition in partitions:
                if partition.states:
                    producer.send(
                        physical(settings.namespace, by_stage[partition.stage.name]),
                        key=b"%d" % partition.number,
                        value=partition.encode(),
                        partition=partition.number,
                    ).get(30)
        finally:
            clients.end(producer, 10)


def logs(settings: Settings) -> Path:
    """Folder of what the namespace's workers say."""
    return settings.state_dir / "logs" / settings.namespace


def remove(settings: Settings, *, keep_logs: bool = False) -> list[str]:
    """Deletes everything of the namespace; gives the topics that were there.

    The broker forgets the workers' groups by itself, once their topics and members are gone.

    Raises:
        BrokerAwayError: Kafka does not answer.
    """
    topics = broker.delete_topics(settings)
    shutil.rmtree(settings.state_dir / "faust" / settings.namespace, ignore_errors=True)
    if not keep_logs:
        shutil.rmtree(logs(settings), ignore_errors=True)
    return topics


class Workers:
    """Worker processes of a namespace; one that exits is started again, all end with the block.

    Args:
        number: of each group.
        tables: with a writer, whose tables have to be there.
    """

    def __init__(
        self, settings: Settings, steps: Sequence[Step], number: int, *, tables: bool = False
    ) -> None:
        groups = sorted({step.workers for step in steps})
        self._settings = settings
        self._names = {f"{group}-{n}": group for group in groups for n in range(1, number + 1)}
        if tables:
            self._names[writers.PART] = writers.PART
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._tend, name="workers")
        self.restarts = 0

    def __enter__(self) -> Self:
        logs(self._settings).mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in self._names:
            self._start(name)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def processes(self) -> dict[str, subprocess.Popen[bytes]]:
        """By name, as they are now."""
        return dict(self._processes)

    def _tend(self) -> None:
        while not self._ending.wait(TEND_SECONDS):
            for name, process in list(self._processes.items()):
                if process.poll() is not None:
                    self.restarts += 1
                    self._start(name)

    def _start(self, name: str) -> None:
        module = "streams.recordings.namespace"
        with (logs(self._settings) / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", module, self._names[name], name],
                env=environment(self._settings),
                stdout=log,
                stderr=log,
            )


def environment(settings: Settings) -> dict[str, str]:
    """The environment in which a program reads exactly these settings."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    for field in msgspec.structs.fields(Settings):
        value = getattr(settings, field.name)
        if value != field.default:
            ours[PREFIX + field.name.upper()] = str(value)
    return ours


class Player:
    """Publishes slices, at the speed of their ticks or as fast as the broker takes them.

    Args:
        speed: seconds of event time in a second; None: as fast as can be.
        room: of the workers that read it; None: none has to keep up.
    """

    def __init__(
        self, settings: Settings, after: Micros, speed: float | None, room: Room | None = None
    ) -> None:
        self._publisher, self._room = Publisher(settings, "replay"), room
        self._pace = Pace(after, speed) if speed else None

    def play(self, piece: Slice) -> None:
        """Raises PublishError where the broker does not accept it, and as ``Room.take``."""
        if self._pace:
            self._pace.wait(piece.tick)
        for record in piece.records:
            while self._publisher.backlog > BACKLOG_BYTES:
                self._publisher.flush()
            self._publish(record)
        if self._pace:
            self._publisher.flush()

    def flush(self) -> None:
        """Returns when the broker has accepted all that was played."""
        self._publisher.flush()

    def close(self) -> None:
        self.flush()
        self._publisher.close()

    def _publish(self, record: Record) -> None:
        topic, partition, headers, value = record
        try:
            event, mark = decode(headers, value)
        except BadMessage:
            pass
        else:
            headers, value = encode(replayed(event), mark)
        if self._room:
            self._room.take(len(value), self._publisher.flush)
        self._publisher.publish_again(topic, partition, headers, value)


Disturbance = Callable[[Workers], None]
"""Called after each slice; for tests of reliability."""


def run(
    settings: Settings,
    steps: Sequence[Step],
    partitions: Iterable[Partition],
    slices: Iterable[Slice],
    *,
    after: Micros,
    speed: float | None = None,
    workers: int = 1,
    tables: bool = False,
    disturb: Disturbance = lambda _: None,
) -> list[Incident]:
    """What workers of the namespace decide of the slices; the namespace stays.

    Args:
        after: event time at which they begin.
        speed: seconds of event time in a second; None: as fast as can be.
        workers: of each group.
        tables: everything is also stored in the namespace's tables, which have to be there.

    Raises:
        psycopg.OperationalError: the database does not answer.
        BrokerAwayError, streams.kafka.publisher.PublishError: Kafka does not answer, or refuses.
        streams.recordings.outcome.UnsettledError: the workers do not go on.
    """
    prepare(settings, steps, partitions)
    with (
        Workers(settings, steps, workers, tables=tables) as fleet,
        closing(Room(settings, readers(steps, tables=tables))) as room,
    ):
        player = Player(settings, after, speed, room)
        for piece in slices:
            player.play(piece)
            disturb(fleet)
        player.close()
        outcome.settle(settings, steps)
        if tables:
            outcome.settle_tables(settings)
    return list(outcome.incidents(settings))


if __name__ == "__main__":
    from streams.runtime.faust import worker
    from streams.settings import load

    group, name = sys.argv[1:]
    if group == writers.PART:
        writers.run(load())
    else:
        worker.run(load(), group, name)
