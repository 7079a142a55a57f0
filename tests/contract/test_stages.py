"""Every stage of the path by itself; a new one is found here without being named."""

import importlib
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from streams.control import KEY
from streams.events import SECOND, BadMessage, Heartbeat, Tick, Watermark
from streams.kafka.broker import limits
from streams.pipeline import PATH, Step
from streams.recordings.rerun import Rerun
from streams.runtime.faust.worker import Shell
from streams.runtime.partition import Partition
from streams.settings import Settings
from streams.stage import EVERY_PARTITION, Position, Stage
from streams.stages.correlate import Correlate
from streams.stages.upstreams import upstream
from streams.topics import INCIDENTS, TICKED, WATERMARKED

SETTINGS = Settings(partitions=2)
NOW = 1_800_000_000 * SECOND
by_name = pytest.mark.parametrize("step", PATH, ids=lambda step: step.stage)


@pytest.fixture
def stage(step: Step) -> Stage:
    return step.build(SETTINGS)


def told(step: Step, time: int) -> Tick | Watermark:
    """What tells the stage how far event time has come."""
    if step.reads in TICKED:
        return Tick(time)
    return Watermark("interpret", "detections", 0, time, time)


@by_name
def test_it_has_the_name_of_its_module_and_reads_what_the_path_says(
    step: Step, stage: Stage
) -> None:
    module = importlib.import_module(f"streams.stages.{step.stage}")
    assert type(stage).__module__ == module.__name__
    assert (stage.name, stage.reads) == (step.stage, step.reads)


@by_name
def test_what_it_reads_tells_it_how_far_event_time_has_come(step: Step) -> None:
    assert step.reads in (*TICKED, *WATERMARKED), (
        f"{step.reads} carries neither ticks nor watermarks: whoever writes it has to send them on,"
        " see streams/topics.py"
    )


@by_name
def test_its_topics_have_limits(step: Step) -> None:
    for topic in (step.reads, *step.writes):
        assert topic in limits(SETTINGS), f"add {topic} to streams/kafka/broker.py"


def test_no_two_stages_of_a_group_read_one_topic() -> None:
    twice = [place for place, n in Counter((s.workers, s.reads) for s in PATH).items() if n > 1]
    assert not twice, "a worker reads a topic for one stage: give the second another group"
    assert len({step.stage for step in PATH}) == len(PATH)


def test_a_second_stage_on_a_topic_is_refused_and_replaces_nobody(tmp_path: Path) -> None:
    twice = [Step("hashing", step.reads, (), "two", step.build) for step in PATH[1:2] * 2]
    settings = msgspec.structs.replace(SETTINGS, state_dir=tmp_path, kafka_security="PLAINTEXT")
    with pytest.raises(ValueError, match="two stages of two read detections"):
        Shell(settings, "two", twice, "two-1", marks=True, reads={})
    parts = [Partition(step.build(SETTINGS), 0, 2) for step in twice]
    with pytest.raises(ValueError, match="two stages read detections"):
        Rerun(parts)


@by_name
def test_it_keeps_how_far_event_time_has_come_and_what_it_knows_is_read_back(
    step: Step, stage: Stage
) -> None:
    part = Partition(stage, 0, SETTINGS.partitions)
    for time in (NOW, NOW + SECOND):
        outcome = part.take(part.next_offset, told(step, time), None, lambda: ([], b""))
        assert "dead_lettered" not in outcome.counts
        part.apply(part.next_offset, None, outcome)
        assert part.tick == time, "checkpoints and recordings ask for it under KEY"
    again = Partition.decode(stage, 0, SETTINGS.partitions, part.encode())
    assert again.states == part.states
    assert KEY in again.states


@by_name
def test_a_tick_that_is_not_later_than_the_last_does_nothing(step: Step, stage: Stage) -> None:
    at = Position(step.reads, 0, 1)
    first = stage.step({}, told(step, NOW), at)
    before = msgspec.msgpack.encode(first.changes)
    for time in (NOW, NOW - SECOND):
        again = stage.step(dict(first.changes), told(step, time), at)
        assert (dict(again.changes), again.outputs) == ({}, ())
    assert msgspec.msgpack.encode(first.changes) == before, "states are replaced, never changed"


@by_name
def test_what_is_not_for_it_is_refused(step: Step, stage: Stage) -> None:
    beat = Heartbeat("part", "1", 1, NOW, True, "", 0, {}, {})
    with pytest.raises(BadMessage, match="wrong_type"):
        stage.step({}, beat, Position(step.reads, 0, 1))


def test_whoever_sends_watermarks_is_waited_for() -> None:
    """And nobody else, since one that never comes would hold every amendment back."""
    sending = set()
    for step in PATH:
        if step.reads in TICKED and INCIDENTS in step.writes:
            result = step.build(SETTINGS).step({}, Tick(NOW), Position(step.reads, 1, 0))
            marks = [out for out in result.outputs if isinstance(out.event, Watermark)]
            assert all(out.partition == EVERY_PARTITION for out in marks)
            if marks:
                numbers = range(SETTINGS.partitions)
                sending |= {upstream(step.stage, step.reads, number) for number in numbers}
    (correlate,) = (step.build(SETTINGS) for step in PATH if step.reads == INCIDENTS)
    assert isinstance(correlate, Correlate)
    assert correlate.upstreams == sending
