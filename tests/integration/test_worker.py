"""The shell on a real broker: under faults every message counts exactly once.

The stage is a rolling hash (tests/support/hashing.py), so a message lost, doubled or out of order
changes every later result of its gateway.
"""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from kafka import KafkaConsumer

from streams.events import MINUTE, Checkpoint, Incident, Mark, Readings, Tick, decode
from streams.kafka.broker import create_topics
from streams.kafka.clients import administering
from streams.kafka.publisher import Publisher
from streams.runtime.faust.worker import EXIT_OFFSET, EXIT_STATE
from streams.runtime.partition import Partition
from streams.settings import Settings
from streams.topics import CHECKPOINTS, CORRELATED, READINGS, partition_of, physical
from tests.figures import faults
from tests.support import origin
from tests.support.fleet import Fleet
from tests.support.hashing import EVERY, TIMES, Chain, Hashing, extend
from tests.support.nursery import Nursery
from tests.support.upstream import START, delete_before
from tests.support.waiting import eventually

GATEWAYS = [f"gateway-{number}" for number in range(9)]
WORKERS = ("worker-1", "worker-2", "worker-3")
Results = dict[tuple[str, int], str]


def pack(gateway: str, number: int) -> Readings:
    return Readings(gateway, number, number, "simulated", (), (), b"", b"", b"")


def expected(packs: int) -> Results:
    results: Results = {}
    for gateway in GATEWAYS:
        chain = Chain()
        for number in range(1, packs + 1):
            chain = extend(chain, pack(gateway, number))
            if chain.count % EVERY == 0:
                results[gateway, chain.count] = chain.digest
    return results


class Output:
    """What the echo stage sent, each mark counted once: what the next consumer would take."""

    def __init__(self, settings: Settings) -> None:
        self.consumer = KafkaConsumer(
            physical(settings.namespace, CORRELATED),
            bootstrap_servers=settings.bootstrap,
            group_id=None,
            auto_offset_reset="earliest",
        )
        self.marks: set[Mark] = set()
        self.found: dict[tuple[str, int], list[str]] = defaultdict(list)

    def poll(self, wait_ms: int = 200) -> None:
        for records in self.consumer.poll(wait_ms).values():
            for record in records:
                event, mark = decode(list(record.headers), record.value)
                assert isinstance(event, Incident)
                assert mark is not None
                if mark not in self.marks:
                    self.marks.add(mark)
                    self.found[event.sources[0], event.decided_at].append(event.subject)

    def close(self) -> None:
        self.consumer.close()


@pytest.fixture
def fleet(settings: Settings, tmp_path: Path, nursery: Nursery) -> Iterator[faults.NotedFleet]:
    with faults.NotedFleet(settings, tmp_path, nursery=nursery) as fleet:
        yield fleet


@pytest.fixture
def output(settings: Settings) -> Iterator[Output]:
    with closing(Output(settings)) as output:
        yield output


def run(
    settings: Settings,
    fleet: Fleet,
    output: Output,
    *,
    marks: bool,
    fault: Callable[[int], None],
    packs: int = 600,
) -> None:
    """Publishes ``packs`` packs of every gateway with a fault after each eighth of them."""
    for worker in WORKERS:
        fleet.start(worker, "-m", "tests.support.hashing", worker, "marks" if marks else "none")
    publisher = Publisher(settings, "test")
    wanted = len(expected(packs))
    for number in range(1, packs + 1):
        for gateway in GATEWAYS:
            publisher.publish(READINGS, pack(gateway, number), gateway)
        if number % (packs // 8) == 0:
            publisher.flush()
            fault(number // (packs // 8))
            fleet.tend()
        output.poll(20)
    publisher.close()
    follow(fleet, output, wanted)


def follow(fleet: Fleet, output: Output, results: int) -> None:
    """Reads the output until so many results are there, or for five minutes."""
    patience = time.monotonic() + 300
    while len(output.found) < results and time.monotonic() < patience:
        fleet.tend()
        output.poll()


@pytest.mark.timeout(600)
def test_every_message_counts_once_under_sigkill_and_sigstop(
    settings: Settings, tmp_path: Path, nursery: Nursery
) -> None:
    """The control runs beside it: with the marks switched off, kills double results."""
    here, once = origin.here("faults"), {key: [digest] for key, digest in expected(600).items()}
    with ThreadPoolExecutor(2) as beside:
        play = partial(played, settings, nursery)
        marked = beside.submit(play, tmp_path / "marks", disturb, marks=True)
        unmarked = beside.submit(play, tmp_path / "none", kill_often, marks=False)
    found, control = marked.result(), unmarked.result()
    assert found.results == once, found.tails
    assert found.restarts >= 6, found.tails
    assert control.results != once
    faults.record(
        "workers",
        here,
        about="three workers of one stage, faults at random; a hash that every message changes,"
        " against the hash computed without Kafka",
        done=found.done,
        compared={"results": len(once)},
        control=sum(control.results.get(key) != digest for key, digest in once.items()),
    )


class Played(NamedTuple):
    """What a run came to."""

    results: dict[tuple[str, int], list[str]]
    restarts: int
    done: faults.Done
    tails: str


def played(
    settings: Settings,
    nursery: Nursery,
    logs: Path,
    fault: Callable[[Fleet, int, random.Random], None],
    *,
    marks: bool,
) -> Played:
    """One run of 600 packs in a namespace of its own."""
    ours = msgspec.structs.replace(settings, namespace=f"{settings.namespace}{logs.name}")
    create_topics(ours)
    logs.mkdir()
    chance = random.Random(20)
    noted = faults.NotedFleet(ours, logs, nursery=nursery)
    with closing(Output(ours)) as output, noted as fleet:
        run(ours, fleet, output, marks=marks, fault=lambda turn: fault(fleet, turn, chance))
        return Played(dict(output.found), fleet.restarts, fleet.done, fleet.tails())


def disturb(fleet: Fleet, turn: int, chance: random.Random) -> None:
    victim = chance.choice(WORKERS)
    if turn % 4 == 3:
        fleet.pause(victim, 12.0)  # longer than its session
    else:
        fleet.kill(victim)
    time.sleep(chance.uniform(0.5, 3.0))


def kill_often(fleet: Fleet, _: int, chance: random.Random) -> None:
    fleet.kill(chance.choice(WORKERS))  # before it has stored what it just did


def test_a_worker_stops_cleanly_and_goes_on_where_it_was(
    settings: Settings, fleet: Fleet, output: Output
) -> None:
    for half in (range(1, 26), range(26, 51)):
        fleet.start("worker-1", "-m", "tests.support.hashing", "worker-1", "marks")
        publish(settings, half)
        follow(fleet, output, len(expected(half[-1])))
        assert fleet.terminate("worker-1") == 0, fleet.tails()
    assert dict(output.found) == {key: [digest] for key, digest in expected(50).items()}


def test_a_worker_that_goes_on_hands_on_what_waits_however_long_its_recovery_takes(
    settings: Settings, fleet: Fleet, output: Output
) -> None:
    for mode, numbers in ("marks", range(1, 26)), ("slow", range(26, 101)):
        publish(settings, numbers)
        fleet.start("worker-1", "-m", "tests.support.hashing", "worker-1", mode)
        follow(fleet, output, len(expected(numbers[-1])))
        assert fleet.terminate("worker-1") == 0, fleet.tails()
    assert dict(output.found) == {key: [digest] for key, digest in expected(100).items()}
    assert "reading again" not in fleet.log("worker-1")


def test_a_worker_whose_input_was_made_anew_says_so_and_ends(
    settings: Settings, fleet: Fleet, output: Output
) -> None:
    publish(settings, range(1, 26))
    fleet.start("worker-1", "-m", "tests.support.hashing", "worker-1", "marks")
    follow(fleet, output, len(expected(25)))
    assert fleet.terminate("worker-1") == 0, fleet.tails()
    topic = physical(settings.namespace, READINGS)
    with administering(settings) as client:
        client.delete_topics([topic])
        eventually(lambda: topic not in client.list_topics())
    assert create_topics(settings) == [topic]
    fleet.start("worker-1", "-m", "tests.support.hashing", "worker-1", "marks")
    assert fleet.processes["worker-1"].wait(60) == EXIT_OFFSET, fleet.tails()
    assert "past the end" in fleet.log("worker-1")


def test_what_a_later_release_stored_is_refused_by_one_line_and_nothing_is_taken(
    settings: Settings, fleet: Fleet, output: Output
) -> None:
    publish(settings, range(1, 26))
    fleet.start("worker-1", "-m", "tests.support.hashing", "worker-1", "later")
    follow(fleet, output, len(expected(25)))
    assert fleet.terminate("worker-1") == 0, fleet.tails()
    publish(settings, range(26, 51))
    fleet.start("worker-1", "-m", "tests.support.hashing", "worker-1", "marks")
    assert fleet.processes["worker-1"].wait(60) == EXIT_STATE, fleet.tails()
    (line,) = (one for one in fleet.log("worker-1").splitlines() if "cannot be used" in one)
    assert "has version 2, and this release reads up to 1: run the release that" in line
    output.poll()
    assert len(output.found) == len(expected(25))
    fleet.start("worker-1", "-m", "tests.support.hashing", "worker-1", "later")
    follow(fleet, output, len(expected(50)))


def test_what_faust_skips_is_read_again_however_often_it_does(
    settings: Settings, fleet: Fleet, output: Output
) -> None:
    publish(settings, range(1, 101))  # so many that something comes after what is skipped
    fleet.start("worker-1", "-m", "tests.support.hashing", "worker-1", "skipping")
    follow(fleet, output, len(expected(100)))
    assert dict(output.found) == {key: [digest] for key, digest in expected(100).items()}
    log = fleet.log("worker-1")
    assert log.count("reading again") >= TIMES, log
    assert "are lost" not in log


def test_what_the_log_no_longer_has_is_an_incident_and_reading_goes_on(
    settings: Settings, fleet: Fleet, output: Output
) -> None:
    publish(settings, range(1, 11))
    at = partition_of(GATEWAYS[0], settings.partitions)
    chains = sorted(name for name in GATEWAYS if partition_of(name, settings.partitions) == at)
    delete_before(settings, READINGS, at, 5 * len(chains))
    fleet.start("worker-1", "-m", "tests.support.hashing", "worker-1", "marks")
    # The five packs that are left of each gateway give one result; so the others have two.
    there = len(expected(10)) - len(chains)
    follow(fleet, output, there + 1)
    loss = f"{READINGS}/{at}", 0
    assert output.found.pop(loss) == [f"0-{5 * len(chains) - 1}"], fleet.tails()
    gone = {(name, count) for name in chains for count in (5, 10)}
    whole = {key: [digest] for key, digest in expected(10).items() if key not in gone}
    assert {key: value for key, value in output.found.items() if key not in gone} == whole
    chain = Chain()
    for number in range(6, 11):
        chain = extend(chain, pack(chains[0], number))
    assert {key: output.found[key] for key in output.found if key in gone} == {
        (name, 5): [chain.digest] for name in chains
    }


def test_a_worker_without_memory_starts_again_and_condemns_no_message(
    settings: Settings, fleet: Fleet, output: Output
) -> None:
    publish(settings, range(1, 51))
    fleet.start("worker-1", "-m", "tests.support.hashing", "worker-1", "starving")
    follow(fleet, output, len(expected(50)))
    assert dict(output.found) == {key: [digest] for key, digest in expected(50).items()}
    assert fleet.restarts == 1, fleet.tails()
    assert "MemoryError" in fleet.log("worker-1")


def test_the_first_snapshot_of_each_minute_is_kept(
    settings: Settings, fleet: Fleet, output: Output
) -> None:
    publisher = Publisher(settings, "test")
    fleet.start("worker-1", "-m", "tests.support.hashing", "worker-1", "marks")
    for number in range(1, 6):
        publisher.publish(READINGS, pack(GATEWAYS[0], number), GATEWAYS[0])
    ticks = [START + MINUTE, START + 2 * MINUTE]
    for number, tick in enumerate(ticks, 1):
        publisher.publish_everywhere(READINGS, Tick(tick))
        publisher.flush()
        eventually(lambda wanted=number: len({c.time for c in checkpoints(settings)}) == wanted)
    at = partition_of(GATEWAYS[0], settings.partitions)
    kept = [c for c in checkpoints(settings) if (c.stage, c.partition) == ("hashing", at)]
    assert [c.time for c in kept] == ticks
    for checkpoint in kept:
        part = Partition.decode(Hashing(), at, settings.partitions, checkpoint.snapshot)
        assert part.next_offset == checkpoint.next_offset
        assert part.tick == checkpoint.time
        assert part.states[GATEWAYS[0]].count == 5
    publisher.close()


def checkpoints(settings: Settings) -> list[Checkpoint]:
    consumer = KafkaConsumer(
        physical(settings.namespace, CHECKPOINTS),
        bootstrap_servers=settings.bootstrap,
        group_id=None,
        auto_offset_reset="earliest",
        consumer_timeout_ms=1000,
    )
    try:
        found = [decode(list(record.headers), record.value)[0] for record in consumer]
    finally:
        consumer.close()
    return found


def publish(settings: Settings, numbers: range) -> None:
    publisher = Publisher(settings, "test")
    for number in numbers:
        for gateway in GATEWAYS:
            publisher.publish(READINGS, pack(gateway, number), gateway)
    publisher.close()
