"""The simulated city on a real Kafka: what it publishes, and that its stamps never go back."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from kafka import KafkaConsumer, TopicPartition

from simulators import announced, main
from simulators.city.assets import read
from simulators.scenario import Scenario, Script, load
from simulators.simulation import StagedIncident
from simulators.world import script
from streams.events import Frame, Readings, Source, decode
from streams.refusing import Refusing
from streams.settings import Settings
from streams.topics import FRAMES, READINGS, partition_of, physical

SOON = Scenario(
    "soon",
    "A stop that does not keep a test waiting.",
    (Script("stopped_vehicle", (12.0, 12.0), 60.0, (20.0, 20.0), ("sedan",)),),
)


def published(settings: Settings, topic: str) -> dict[str, list[Frame | Readings]]:
    """Everything on a topic by source, each partition in its order."""
    consumer = KafkaConsumer(
        bootstrap_servers=settings.bootstrap, enable_auto_commit=False, metrics_enabled=False
    )
    found: dict[str, list[Frame | Readings]] = defaultdict(list)
    places = [
        TopicPartition(physical(settings.namespace, topic), number)
        for number in range(settings.partitions)
    ]
    try:
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        while any(consumer.position(place) < end for place, end in ends.items()):
            for place, records in consumer.poll(timeout_ms=500).items():
                for record in records:
                    event, _ = decode(record.headers, record.value)
                    source = event.camera if isinstance(event, Frame) else event.gateway
                    assert partition_of(source, settings.partitions) == place.partition
                    found[source].append(event)
    finally:
        consumer.close(autocommit=False)
    return found


def test_frames_and_packs_are_published_and_go_on_after_a_restart(settings: Settings) -> None:
    systems = announced.assets("part", 7)
    carried = {one.gateway for one in systems} - {""} - set(read().gateways)
    # Whose mains are off from the second start on.
    dark = "cam-cau-rao"
    off = script.Script("feeder_failure", (0.0, 0.0), 3600.0, at=(feeder_of(dark, systems),))
    for failing in (script.QUIET, script.Scenario("dark", "", (off,))):
        main.run(
            settings,
            load("quiet"),
            seed=3,
            duration=6,
            warm_up_s=5,
            assets=systems,
            systems=failing,
        )
    frames, packs = published(settings, FRAMES), published(settings, READINGS)
    assert set(frames) == {camera.id for camera in read().cameras}
    shown = {name: len(events) for name, events in frames.items()}
    assert shown.pop(dark) < 0.7 * max(shown.values())
    # Each of the other systems sends a pack every ten seconds, at a second of its own.
    others = {name: packs.pop(name) for name in carried & set(packs)}
    assert others
    assert set(packs) == set(read().gateways)
    for events in others.values():
        assert all(event.origin == "simulated" for event in events)
    for events in (*frames.values(), *packs.values()):
        assert all(event.origin == "simulated" for event in events)
        for before, after in pairwise(events):
            assert after.time > before.time
            assert after.sequence > before.sequence
    assert all(len(events) == 2 for events in packs.values())
    frame = frames["cam-cau-rao"][0]
    assert isinstance(frame, Frame)
    picture = cv2.imdecode(np.frombuffer(frame.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (360, 640, 3)


def feeder_of(asset: str, assets: Sequence[Source]) -> str:
    """On which it depends, whatever lies between."""
    there = {one.id: one for one in assets}
    left = [asset]
    while left:
        name = left.pop(0)
        if there[name].kind == "power_feeder":
            return name
        left += reversed(there[name].parents)  # its pole stands last
    raise AssertionError(f"{asset} has no feeder")


def test_it_is_heard_while_its_traffic_warms_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(
        main.Beat, "beat", lambda *_, detail="", **__: said.append(detail), raising=True
    )
    main.run(settings, load("quiet"), seed=3, duration=0.5, warm_up_s=2)
    assert said.count("its traffic warms up") > 2, "again and again, however long it takes"
    assert said[-1] == "", "the control: then it says what it does"


@pytest.mark.parametrize("refused_times", [40, 10**9])
def test_readings_that_are_refused_are_sent_afterwards(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, refused_times: int
) -> None:
    asked = 0

    def refuses(_: Refusing, topic: str, _key: str) -> bool:
        nonlocal asked
        asked += topic == READINGS
        return topic == READINGS and asked <= refused_times

    monkeypatch.setattr(Refusing, "refuses", refuses)
    main.run(settings, load("quiet"), seed=3, speed=10, duration=16, warm_up_s=5)
    packs = published(settings, READINGS)
    if refused_times > asked:
        assert packs == {}, "the control: while they are refused none is sent"
        return
    assert set(packs) == set(read().gateways)
    for events in packs.values():
        assert len(events) == 3
        for before, after in pairwise(events):
            assert after.time > before.time
            assert after.sequence == before.sequence + 1


def test_scripted_incidents_are_told_to_a_file(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    main.run(settings, SOON, seed=3, speed=10, duration=20, truth=path, warm_up_s=5)
    (line,) = path.read_text().splitlines()
    incident = msgspec.json.decode(line, type=StagedIncident)
    assert incident.end is None
    (camera,) = [c for c in read().cameras if c.id == incident.source]
    assert incident.zone in {zone.id for zone in camera.zones}
    assert incident.box is not None
