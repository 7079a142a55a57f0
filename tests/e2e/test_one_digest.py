"""Gate, scenery and verdicts, live, replayed and offline: one recording of pictures, one digest.

Inputs are signed, as in the local stack, and forgers are at it all the time.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import cv2
import msgspec
import numpy as np
import pytest

from deploy.broker.signatures import begin_signing
from streams.cameras.gate import NEVER
from streams.events import (
    HOUR,
    SECOND,
    ControlChange,
    DeadLetter,
    Detections,
    Event,
    Frame,
    Removed,
    Scenery,
    SceneryVerdict,
    Tick,
    decode,
    encode,
    new_frame,
    to_rfc3339,
)
from streams.kafka.access import CITY, GATEWAY
from streams.kafka.broker import create_topics, delete_topics
from streams.kafka.publisher import Publisher
from streams.kafka.signing import SIGNATURE, Signer
from streams.recordings import canonical, outcome, path, rerun
from streams.recordings.folder import Record, Recording, Slice
from streams.recordings.namespace import Workers
from streams.runtime.partition import Outcome, Partition
from streams.settings import Settings
from streams.stages.detect import LastFrame
from streams.topics import COUNTS, DEAD_LETTERS, DETECTIONS, FRAMES, INPUTS, partition_of
from tests.e2e.test_recordings import Town
from tests.support import quay
from tests.support.logs import read_log

STEPS = path.steps("detect")
DECIDED = {
    "camera_dark": 2,
    "camera_frozen": 2,
    "intrusion": 2,
    "stopped_vehicle": 4,
}
"""Lines by kind: an intrusion ends as scenery, the car that stood is confirmed, the person denied,
and is an intruder again."""


class Quay(Town):
    """The namespace of the two cameras."""

    def publish(self, events: Iterable[Event]) -> None:
        """Signed, in the order of ``events``, and with what forgers would have decided by them."""
        signers = {name: Signer(as_account(self.settings, name)) for name in (GATEWAY, CITY)}
        publisher = Publisher(self.settings, "quay")
        for event in events:
            own = (CITY if isinstance(event, Frame) else GATEWAY), event
            for name, each in (own, *forgeries(event)):
                headers, value = encode(each)
                for topic, number in self.places(each):
                    said = (topic, number, headers, value)
                    shown = signers[name].sign(*said) if name else headers
                    publisher.publish_raw(topic, number, shown, value)
        publisher.close(60)
        outcome.settle(self.settings, STEPS)

    def places(self, event: Event) -> list[tuple[str, int]]:
        partitions = self.settings.partitions
        if isinstance(event, Frame):
            return [(FRAMES, partition_of(event.camera, partitions))]
        return [(topic, number) for topic in INPUTS for number in range(partitions)]

    def verdicts(self) -> Iterator[ControlChange]:
        """The person is none; everything else is scenery."""
        said = [each.event for each in read_log(self.settings, COUNTS)]
        learned = [each for each in said if isinstance(each, Scenery) and each.learned]
        assert Counter(each.group for each in learned) == {"person": 1, "vehicle": 1}
        time = quay.START + quay.JUDGED * SECOND
        for sequence, each in enumerate(learned, len(quay.configuration()) + 1):
            sides = (each.width, each.height, each.width, each.height)
            left, top, right, bottom = (
                part / 10 / side for part, side in zip(each.box, sides, strict=True)
            )
            box = left, top, right, bottom
            verdict = SceneryVerdict(each.id, each.camera, each.group, box, each.group != "person")
            yield ControlChange(sequence, time, verdict)


def forgeries(event: Event) -> Iterator[tuple[str, Event]]:
    """Now and then, and by whom each is signed; empty: nobody."""
    if not isinstance(event, Tick) or event.time // SECOND % 10:
        return
    yield CITY, Tick(event.time + HOUR)
    yield "", Tick(event.time + HOUR)
    yield CITY, ControlChange(1000, event.time, Removed("source", quay.DIM))
    for name in ("", CITY):
        jpeg = quay.picture(quay.DIM, quay.DARK.start * 4)
        yield name, new_frame(quay.DIM, event.time + 1, 10_000, "live", jpeg)


def as_account(settings: Settings, account: str) -> Settings:
    return msgspec.structs.replace(settings, kafka_user=account)


@pytest.fixture(scope="module")
def lived(kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quay]:
    base = tmp_path_factory.mktemp("digest")
    settings = Settings(
        state_dir=base / "state",
        kafka_bootstrap=kafka_bootstrap,
        namespace=f"quay{os.getpid()}",
        partitions=2,
        input_signatures="required",
    )
    create_topics(settings)
    lived = Quay(settings, base / "recording")
    before = Publisher(settings, "earlier release")
    for number, change in enumerate(quay.configuration(), 1):
        order = ControlChange(number, quay.START, change)
        for topic, partition in lived.places(order):
            before.publish_raw(topic, partition, *encode(order))
    before.close(60)
    begin_signing(settings)  # an upgrade, before anybody has read that
    with Workers(settings, STEPS, 1):
        lived.publish([Tick(quay.START), *quay.events(0, quay.JUDGED)])
        lived.publish([*lived.verdicts(), *quay.events(quay.JUDGED, quay.SECONDS)])
        stretch = ("--from", to_rfc3339(quay.AFTER), "--to", to_rfc3339(quay.UNTIL))
        lived.cityops("record", "-o", str(lived.folder), *stretch, "--from-stage", "detect")
    yield lived
    delete_topics(settings)


def test_what_was_forged_is_a_dead_letter_and_what_came_unsigned_before_is_not(
    lived: Quay,
) -> None:
    letters = [each.event for each in read_log(lived.settings, DEAD_LETTERS)]
    reasons = {each.reason for each in letters if isinstance(each, DeadLetter)}
    assert reasons == {"unsigned", "not_allowed"}
    kept = [record for piece in Recording(lived.folder).slices() for record in piece.records]
    assert kept
    assert not [name for _, _, headers, _ in kept for name, _ in headers if name == SIGNATURE]


def test_the_live_run_has_all_of_it(lived: Quay) -> None:
    assert lived.index.kinds == DECIDED
    rows = [canonical.row(line) for line in Recording(lived.folder).incidents()]
    assert {row["kind"] for row in rows if row["scenery"]} == {"intrusion", "stopped_vehicle"}
    seen = [each.event for each in read_log(lived.settings, DETECTIONS)]
    within = [
        each
        for each in seen
        if isinstance(each, Detections) and quay.AFTER < each.time <= quay.UNTIL
    ]
    assert {each.verdict for each in within} == {"good", "dark", "frozen", "damaged"}
    assert sum(each.as_of > 0 for each in within) > len(within) / 3


@pytest.mark.parametrize(
    "how",
    [
        ("--offline",),
        ("--offline", "--from-stage", "interpret"),
        ("--speed", "max", "--workers", "2"),
    ],
    ids=" ".join,
)
def test_replays_have_the_digest_of_the_live_run(lived: Quay, how: tuple[str, ...]) -> None:
    run = lived.replay("--name", "again", *how)
    assert run["same_as_live"]
    assert run["kinds"] == DECIDED
    if "interpret" not in how:
        assert run["digest"] == lived.index.digest


# --- what must differ ---------------------------------------------------------------------------


def again(
    lived: Quay,
    known: Callable[[Partition], None] = lambda _: None,
    told: Callable[[Record], Record | None] = lambda record: record,
    until: int = quay.SECONDS,
) -> list[bytes]:
    """The log, until some second, of a replay in this process of changed states or messages."""
    recording, inputs = Recording(lived.folder), path.inputs("detect")
    stages = [step.build(lived.settings) for step in STEPS]
    partitions = rerun.begin(stages, lived.settings.partitions, recording.states(), inputs)
    for partition in partitions:
        known(partition)
    run, found = rerun.Rerun(partitions), []
    for piece in recording.slices():
        if piece.tick > quay.START + (until + 1) * SECOND:
            break
        fed = [told(record) for record in piece.records if record[0] in inputs]
        found += run.feed(Slice(piece.tick, [record for record in fed if record]))
    return canonical.log(found, lived.index.after, quay.START + until * SECOND)


def without_the_gate(partition: Partition) -> None:
    changes = {
        name: msgspec.structs.replace(known, looked=NEVER)
        for name, known in partition.states.items()
        if isinstance(known, LastFrame)
    }
    partition.apply(-1, None, Outcome(changes, (), {}))


def without_orders(record: Record) -> Record | None:
    event = _event(record)
    is_order = isinstance(event, ControlChange) and isinstance(event.change, SceneryVerdict)
    return None if is_order else record


def one_more_that_moves(record: Record) -> Record:
    """One picture of those that never changed is another."""
    topic, number, _, _ = record
    event = _event(record)
    if not isinstance(event, Frame) or event.camera != quay.DIM:
        return record
    if (event.time - quay.START) // SECOND != quay.FROZEN.start + 10 or event.sequence % 4:
        return record
    drawn = cv2.imdecode(np.frombuffer(event.jpeg, np.uint8), cv2.IMREAD_COLOR)
    jpeg = cv2.imencode(".jpg", cv2.flip(drawn, 1))[1].tobytes()
    other = new_frame(event.camera, event.time, event.sequence, event.origin, jpeg)
    return topic, number, *encode(other)


def _event(record: Record) -> Any:
    return decode(record[2], record[3])[0]


UNTIL = 227
"""Seconds of the recording: by then each of them has decided something."""
BEHIND = 20
"""Seconds: what was decided in the last of them may wait for what others say of that time."""


@pytest.fixture(scope="module")
def unchanged(lived: Quay) -> list[bytes]:
    return again(lived, until=UNTIL)


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"known": without_the_gate}, id="the gate's state"),
        pytest.param({"told": without_orders}, id="what engineers say of scenery"),
        pytest.param({"told": one_more_that_moves}, id="a verdict"),
    ],
)
def test_control_each_of_them_decides_something(
    lived: Quay, unchanged: list[bytes], how: dict[str, Any]
) -> None:
    assert again(lived, until=UNTIL, **how) != unchanged


def test_what_the_controls_are_compared_with_is_the_same(
    lived: Quay, unchanged: list[bytes]
) -> None:
    last = quay.START + (UNTIL - BEHIND) * SECOND

    def settled(lines: list[bytes]) -> list[bytes]:
        return [line for line in lines if canonical.row(line)["decided_at"] <= last]

    assert settled(unchanged) == settled(Recording(lived.folder).incidents())
    assert len(settled(unchanged)) > 5
