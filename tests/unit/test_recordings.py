"""A recording run again, in memory: the same incidents, whatever order partitions are taken in."""

import random
from collections.abc import Callable
from itertools import islice

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.registry import Registry
from streams.control import KEY, Control
from streams.events import (
    SECOND,
    ActiveModel,
    Change,
    ControlChange,
    Detections,
    Incident,
    Readings,
    Rule,
    decode,
    encode,
)
from streams.feeds.registry import carries_readings
from streams.recordings import canonical, trial
from streams.recordings.folder import Record, Slice, State
from streams.recordings.rerun import Rerun
from streams.recordings.trial import RulesError
from streams.runtime.partition import Partition
from streams.topics import DETECTIONS
from tests.support import town
from tests.support.loops import loop
from tests.support.watchman import camera, rule

PARTITIONS = 3


@pytest.fixture(scope="module")
def cuts() -> list[Slice]:
    return list(town.slices(town.events(), PARTITIONS))


@pytest.fixture(scope="module")
def whole(cuts: list[Slice]) -> list[bytes]:
    """What a run from the very beginning decides."""
    return town.log(town.partitions(PARTITIONS), cuts)


@pytest.fixture(scope="module")
def states(cuts: list[Slice]) -> list[State]:
    """What the stages know at tick A."""
    partitions = town.partitions(PARTITIONS)
    town.log(partitions, [cut for cut in cuts if cut.tick <= town.AFTER])
    return town.states(partitions)


def later(cuts: list[Slice]) -> list[Slice]:
    return [cut for cut in cuts if cut.tick > town.AFTER]


def test_the_town_has_something_to_find(whole: list[bytes]) -> None:
    kinds = canonical.kinds(whole)
    assert set(kinds) == {"stopped_vehicle", "crowd", "intrusion", "no_data", "congestion"}
    assert sum(kinds.values()) > 50
    merged = [line for line in whole if canonical.row(line)["part_of"]]
    assert merged, "cameras and loops prove the same on one road"


def test_from_the_middle_it_is_as_from_the_beginning(
    cuts: list[Slice], states: list[State], whole: list[bytes]
) -> None:
    assert town.log(town.partitions(PARTITIONS, states), later(cuts)) == whole


def test_what_is_replayed_says_so(cuts: list[Slice], states: list[State]) -> None:
    run = Rerun(town.partitions(PARTITIONS, states))
    found = [incident for cut in later(cuts) for incident in run.feed(cut)]
    assert {incident.origin for incident in found} == {"replayed"}


@pytest.mark.parametrize("partitions", [1])
def test_the_number_of_partitions_decides_nothing(partitions: int, whole: list[bytes]) -> None:
    cuts = town.slices(town.events(), partitions)
    assert town.log(town.partitions(partitions), cuts) == whole


@pytest.fixture(scope="module")
def short(cuts: list[Slice]) -> list[Slice]:
    """After tick A, with the rule that changes and what still stands under it."""
    return later(cuts)[:100]


@pytest.fixture(scope="module")
def short_log(short: list[Slice], states: list[State]) -> list[bytes]:
    lines = town.log(town.partitions(PARTITIONS, states), short)
    assert len(canonical.kinds(lines)) == 4
    assert len(lines) > 40
    return lines


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_any_interleaving_of_partitions_gives_the_same(
    short: list[Slice], states: list[State], short_log: list[bytes], seed: int
) -> None:
    """Within a partition the order stays; how far one is ahead of another does not matter."""
    chance = random.Random(seed)
    queues: dict[tuple[str, int], list[Record]] = {}
    for cut in short:
        for record in cut.records:
            queues.setdefault(record[:2], []).append(record)
    mixed: list[Record] = []
    waiting = {place: iter(records) for place, records in queues.items()}
    while waiting:
        place = chance.choice(sorted(waiting))
        taken = list(islice(waiting[place], chance.randint(1, 80)))
        mixed += taken
        if not taken:
            del waiting[place]
    assert town.log(town.partitions(PARTITIONS, states), [Slice(0, mixed)]) == short_log


@settings(max_examples=4, deadline=None)
@given(crashes=st.lists(st.integers(0, 89), min_size=1, max_size=6))
def test_from_any_snapshot_it_goes_on_the_same(
    short: list[Slice], states: list[State], short_log: list[bytes], crashes: list[int]
) -> None:
    """State and marks go through their stored form in the middle, again and again."""
    run, found = Rerun(town.partitions(PARTITIONS, states)), list[Incident]()
    for number, cut in enumerate(short):
        found += run.feed(cut)
        if number in crashes:
            run = Rerun([reloaded(partition) for partition in run.partitions])
    assert canonical.log(found, town.AFTER, town.UNTIL) == short_log


def reloaded(partition: Partition) -> Partition:
    return Partition.decode(
        partition.stage, partition.number, partition.partitions, partition.encode()
    )


def test_what_is_run_again_from_an_offset_carries_the_same_marks(cuts: list[Slice]) -> None:
    """So a consumer that has taken it once drops it."""
    outcomes = []
    for _ in range(2):
        marks = []
        for partition in town.partitions(PARTITIONS):
            for cut in cuts[:80]:
                for topic, number, headers, value in cut.records:
                    if (topic, number) == (partition.stage.reads, partition.number):
                        event, mark = decode(headers, value)
                        outcome = partition.take(
                            partition.next_offset, event, mark, lambda: ([], b"")
                        )
                        marks += [(out.mark, out.event) for out in outcome.outputs]
                        partition.apply(partition.next_offset, mark, outcome)
        outcomes.append(marks)
    assert outcomes[0]
    assert outcomes[0] == outcomes[1]


def first(cuts: list[Slice], wanted: Callable[[Record], bool]) -> tuple[int, int]:
    return next(
        (number, place)
        for number, cut in enumerate(cuts)
        for place, record in enumerate(cut.records)
        if wanted(record)
    )


def test_control_one_message_less_is_another_log(
    cuts: list[Slice], states: list[State], whole: list[bytes]
) -> None:
    """The evidence of an incident names the frame that proved it: without it, it is another."""
    wanted, fed = town.proof(whole), later(cuts)

    def proved(record: Record) -> bool:
        event, _ = decode(record[2], record[3])
        return isinstance(event, Detections) and (event.camera, event.time) == wanted

    number, place = first(fed, proved)
    records = [record for at, record in enumerate(fed[number].records) if at != place]
    fed[number] = Slice(fed[number].tick, records)
    assert town.log(town.partitions(PARTITIONS, states), fed) != whole


def test_control_one_threshold_moved_is_another_log(
    cuts: list[Slice], states: list[State], whole: list[bytes]
) -> None:
    partitions = town.partitions(PARTITIONS, states)
    moved = [
        msgspec.structs.replace(change, parameters={**change.parameters, "count": 5.0})
        if change.kind == "crowd"
        else change
        for change in town.configuration()
        if isinstance(change, Rule)
    ]
    trial.Trial(moved).apply(partitions)
    assert town.log(partitions, later(cuts)) != whole


def test_the_same_rules_tried_are_the_same_log(
    cuts: list[Slice], states: list[State], whole: list[bytes]
) -> None:
    partitions = town.partitions(PARTITIONS, states)
    rules = [change for change in town.configuration() if isinstance(change, Rule)]
    trial.Trial(rules).apply(partitions)
    assert town.log(partitions, later(cuts)) == whole


def test_a_rule_that_is_tried_can_judge_what_it_names(states: list[State]) -> None:
    """As one that is added, also against what only a source tells: its period."""
    partitions = town.partitions(PARTITIONS, states)
    known = [partition.states.get(KEY) for partition in partitions]
    loop = next(
        found
        for control in known
        if isinstance(control, Control)
        for found in control.all_sources()
        if carries_readings(found.kind) and found.period
    )
    camera = next(
        found.id
        for control in known
        if isinstance(control, Control)
        for found in control.all_sources()
        if not carries_readings(found.kind)
    )
    reach = loop.period * 24 / SECOND
    jam = Rule("jam", "congestion", "low", (loop.id, "added-later"))
    trial.Trial([jam]).apply(partitions)
    before = [partition.encode() for partition in partitions]
    own = msgspec.structs.replace(jam, parameters={"smooth_seconds": reach + 1})
    with pytest.raises(
        RulesError, match=f"rule jam: {loop.id}: smooth_seconds=.* at most {reach:g}"
    ):
        trial.Trial([own]).apply(partitions)
    with pytest.raises(RulesError, match="watches readings"):
        trial.Trial([msgspec.structs.replace(jam, sources=(camera,))]).apply(partitions)
    assert [partition.encode() for partition in partitions] == before


def test_rules_that_are_tried_hold_whatever_was_changed_on_the_way(
    cuts: list[Slice], states: list[State], whole: list[bytes]
) -> None:
    """A shorter dwell was recorded after two minutes."""
    partitions = town.partitions(PARTITIONS, states)
    rules = [change for change in town.configuration() if isinstance(change, Rule)]
    tried = trial.Trial(rules)
    tried.apply(partitions)
    fed = [
        Slice(cut.tick, [kept for record in cut.records if (kept := tried.under(record))])
        for cut in later(cuts)
    ]
    unchanged = [
        published
        for published in town.events()
        if not isinstance(published[1], ControlChange) or published[1].time == town.START
    ]
    expected = town.log(town.partitions(PARTITIONS), town.slices(unchanged, PARTITIONS))
    assert town.log(partitions, fed) == expected != whole
    assert tried.passed_over == 1, "it lies in every partition"


def test_a_camera_that_is_added_on_the_way_gets_the_model_that_is_tried() -> None:
    tried = trial.Trial((), Registry().find("street_detector"))
    added = msgspec.structs.replace(camera("new"), model="yolox_nano@1")

    def under(change: Change) -> Change | None:
        record = ("frames", 0, *encode(ControlChange(7, town.AFTER, change)))
        kept = tried.under(record)
        return decode(*kept[2:])[0].change if kept else None  # type: ignore[union-attr]

    assert under(added) == msgspec.structs.replace(added, model="street_detector@1.0.0")
    assert under(ActiveModel("detection", "yolox_nano@1")) is None
    assert tried.passed_over == 1
    for other in (loop("north-1", "north"), ActiveModel("anomaly", "x@1"), rule("crowd")):
        assert under(other) == other


def delayed(cuts: list[Slice], by: int, chance: random.Random) -> list[Slice]:
    """Half of the packs come so many ticks later."""
    moved = [Slice(cut.tick, list(cut.records)) for cut in cuts]
    for number, cut in enumerate(cuts[: -by or None]):
        for record in cut.records:
            event, _ = decode(record[2], record[3])
            if isinstance(event, Readings) and chance.random() < 0.5:
                moved[number].records.remove(record)
                # Before the tick of that slice, which comes last in each partition.
                moved[number + by].records.insert(0, record)
    return moved


def test_readings_within_the_allowed_lateness_may_come_in_any_order(
    cuts: list[Slice], whole: list[bytes]
) -> None:
    fed = delayed(cuts, 1, random.Random(3))
    assert fed != cuts
    assert town.log(town.partitions(PARTITIONS), fed) == whole


def test_readings_beyond_it_are_waited_for_once_their_source_is_known_to_be_slow(
    cuts: list[Slice], whole: list[bytes]
) -> None:
    fed = delayed(cuts, 8, random.Random(3))
    moved = sum(len(cut.records) for cut in fed) - sum(
        record in before.records
        for cut, before in zip(fed, cuts, strict=True)
        for record in cut.records
    )
    logs, late = [], []
    for _ in range(2):
        partitions = town.partitions(PARTITIONS)
        logs.append(town.log(partitions, fed))
        late.append(sum(partition.counts["late"] for partition in partitions))
    assert logs[0] == logs[1]
    assert late[0] == late[1] < moved / 4

    def found(lines: list[bytes]) -> set[str]:
        return {row["kind"] for row in map(canonical.row, lines)}

    assert found(logs[0]) >= found(whole)


def test_a_message_that_cannot_be_read_stops_no_replay(
    cuts: list[Slice], whole: list[bytes]
) -> None:
    broken: Record = (DETECTIONS, 0, [("ce_type", b"cityops.detections")], b"\xc1")
    fed = [Slice(cut.tick, [broken, *cut.records]) for cut in cuts]
    partitions = town.partitions(PARTITIONS)
    assert town.log(partitions, fed) == whole
    assert sum(partition.counts["dead_lettered"] for partition in partitions) == len(fed)


def test_the_window_leaves_out_what_was_decided_before_and_after(whole: list[bytes]) -> None:
    decided = [canonical.row(line)["decided_at"] for line in whole]
    assert decided == sorted(decided)
    assert min(decided) > town.AFTER
    assert max(decided) <= town.UNTIL
    assert town.UNTIL + 10 * SECOND <= town.START + town.SECONDS * SECOND
