"""What a partition's stages know of the configuration: what decides, of what is theirs."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from streams.configuration.configured import folded
from streams.configuration.defaults import missing_rules
from streams.control import (
    EMPTY,
    KEY,
    RESUMED_AFTER,
    UNDER_WAY,
    Control,
    change,
    is_undone,
    judge_time,
    keep_all,
    tick,
    went_back,
)
from streams.events import (
    DAY,
    MINUTE,
    NOWHERE,
    SECOND,
    ActiveModel,
    BadMessage,
    Change,
    ControlChange,
    Micros,
    Place,
    Removed,
    Rule,
    Source,
    Tick,
    Zone,
    encode,
)
from streams.feeds.registry import of_asset_type
from streams.feeds.shares import Share
from streams.runtime.partition import Partition, Snapshot, SnapshotError
from streams.settings import Settings
from streams.stage import Stage
from streams.stages.detect import Detect
from streams.stages.interpret import Interpret
from streams.stages.score import Score
from streams.topics import partition_of

PARTITIONS = Settings().partitions
MOST_BYTES = 100_000
SQUARE = ((0.1, 0.15), (0.9, 0.15), (0.9, 0.85), (0.1, 0.85))
LONG = "Camera giám sát ngã tư đường Lê Hồng Phong và đường Nguyễn Bỉnh Khiêm, hướng bắc"


def camera(number: int, **fields: Any) -> Source:
    place = Place(20.8 + number / 1e5, 106.6 + number / 1e5, f"le-hong-phong-{number // 4}")
    values = {"period": SECOND // 5, "address": f"rtsp://10.0.0.1/{number}", "ward": "Gia Viên"}
    return Source(f"cam-{number:05}", "camera", LONG, LONG, "live", place, **values | fields)


def loop(number: int) -> Source:
    place = Place(20.8 + number / 1e5, 106.6 + number / 1e5, f"le-hong-phong-{number // 4}")
    gateway = f"gateway-{number // 20}"
    return Source(
        f"loop-{number:05}", "induction_loop", LONG, LONG, "live", place, gateway, period=5 * SECOND
    )


def zone(of: Source) -> Zone:
    return Zone(f"{of.id}-lane", of.id, LONG, LONG, SQUARE)


def rules() -> list[Rule]:
    kinds = ("stopped_vehicle", "crowd", "intrusion", "congestion", "anomaly", "no_data")
    return [Rule(f"city-{kind}", kind, "high", parameters={"clear_seconds": 30}) for kind in kinds]


def defaults(changes: list[Change]) -> list[Rule]:
    """The default rules of feeds, as ``cityops feed watch`` adds them where no rule is yet."""
    sources = [change for change in changes if isinstance(change, Source)]
    known = folded(ControlChange(n, n, source) for n, source in enumerate(sources, 1))
    feeds = {feed.id: feed for source in sources if (feed := of_asset_type(source.kind))}
    return [rule for feed in feeds.values() for rule in missing_rules(known, feed)]


def stage(name: str) -> Stage:
    stages: dict[str, Callable[[], Stage]] = {
        "detect": lambda: Detect(lambda _: None, PARTITIONS),  # type: ignore[arg-type,return-value]
        "interpret": lambda: Interpret(PARTITIONS),
        "score": lambda: Score({}, PARTITIONS),
    }
    return stages[name]()


def told(stage: Stage, changes: list[Change]) -> list[Partition]:
    """Every partition of the stage after the changes and a tick."""
    parts = [Partition(stage, number, PARTITIONS) for number in range(PARTITIONS)]
    events = [ControlChange(n, n, change) for n, change in enumerate(changes, 1)]
    for part in parts:
        for event in (Tick(SECOND), *events, Tick(2 * SECOND)):
            outcome = part.take(part.next_offset, event, None, lambda: ([], b""))
            part.apply(part.next_offset, None, outcome)
    return parts


def control_bytes(part: Partition) -> int:
    """Of the control in the partition's snapshot."""
    return len(bytes(msgspec.msgpack.decode(part.encode(), type=Snapshot).states[KEY]))


@pytest.mark.parametrize("name", ["detect", "interpret", "score"])
@pytest.mark.parametrize(
    ("cameras", "loops"), [(6000, 0), (2000, 4000), (0, 6000)], ids=["cameras", "mixed", "loops"]
)
def test_six_thousand_assets_weigh_less_than_100_kb(name: str, cameras: int, loops: int) -> None:
    watched = [camera(number) for number in range(cameras)]
    zones = [zone(source) for source in watched[: cameras // 3]]
    changes: list[Change] = [*watched, *zones, *map(loop, range(loops)), *rules()]
    parts = told(stage(name), [*changes, *defaults(changes)])
    assert max(map(control_bytes, parts)) < MOST_BYTES
    known = sum(len(part.states[KEY].sources) for part in parts)
    assert known == (loops if name == "score" else cameras)


@pytest.mark.parametrize("name", ["detect", "interpret", "score"])
def test_an_asset_of_which_nothing_comes_is_known_to_no_stage(name: str) -> None:
    poles = [Source(f"tr-{n}", "transformer", LONG, LONG, "live", NOWHERE) for n in range(40)]
    bare = [msgspec.structs.replace(loop(n), gateway="", period=0) for n in range(40)]
    unread = [camera(n, period=0, address="", rests="off") for n in range(40)]
    parts = told(stage(name), [*poles, *bare, *unread])
    assert sum(len(part.states[KEY].sources) for part in parts) == 0
    # Connected, it is known; taken off again, it is forgotten.
    connected = [*map(loop, range(40)), *map(camera, range(40))]
    parts = told(stage(name), [*poles, *bare, *unread, *connected])
    assert sum(len(part.states[KEY].sources) for part in parts) == 40
    parts = told(stage(name), [*connected, *poles, *bare, *unread])
    assert sum(len(part.states[KEY].sources) for part in parts) == 0


def test_the_limit_is_missed_where_everything_is_kept() -> None:
    control = EMPTY
    for number in range(1, 6001):
        control = change(control, ControlChange(number, number, camera(number)), keep_all)
    assert len(msgspec.msgpack.encode(control)) > MOST_BYTES


@pytest.mark.parametrize("name", ["detect", "interpret", "score"])
def test_no_name_and_no_address_is_in_what_a_stage_knows(name: str) -> None:
    source = camera(1)
    for part in told(stage(name), [source, zone(source), loop(1), *rules()]):
        stored = part.encode().decode("utf-8", "replace")
        for secret in (LONG, "rtsp://", "Gia Viên"):
            assert secret not in stored


@pytest.mark.parametrize("name", ["detect", "interpret", "score"])
def test_each_source_is_known_where_its_events_lie(name: str) -> None:
    sources = [*map(camera, range(40)), *map(loop, range(200))]
    for part in told(stage(name), [*sources]):
        own = {
            source.id
            for source in sources
            if (source.kind != "camera") == (name == "score")
            and partition_of(source.gateway or source.id, PARTITIONS) == part.number
        }
        assert set(part.states[KEY].sources) == own


def test_what_is_stored_is_what_was_known() -> None:
    for part in told(Interpret(PARTITIONS), [*map(camera, range(20)), zone(camera(3)), *rules()]):
        again = Partition.decode(part.stage, part.number, PARTITIONS, part.encode())
        assert again.states[KEY] == part.states[KEY]
        for found in again.states[KEY].all_sources():
            assert found.place == camera(int(found.id[4:])).place
            assert (found.kind, found.origin, found.period) == ("camera", "live", SECOND // 5)


def follow(*changes: Change) -> Control:
    control = EMPTY
    for number, each in enumerate(changes, 1):
        control = change(control, ControlChange(number, number, each))
    return control


def test_what_sources_share_is_written_once_and_goes_with_the_last() -> None:
    control = follow(loop(1), loop(2), camera(1))
    assert len(control.alike) == 2
    left = follow(loop(1), loop(2), camera(1), Removed("source", "loop-00001"))
    assert len(left.alike) == 2
    left = follow(loop(1), camera(1), Removed("source", "loop-00001"))
    assert [alike.kind for alike in left.alike.values()] == ["camera"]
    for _ in range(3):  # numbers are used again, so that they never run away
        left = change(left, ControlChange(left.sequence + 1, 0, loop(1)))
        left = change(left, ControlChange(left.sequence + 1, 0, Removed("source", loop(1).id)))
    assert max(left.alike) <= 1


@pytest.mark.parametrize(
    "field", [{"period": 7}, {"model": "m@1"}, {"origin": "recorded"}, {"place": NOWHERE}]
)
def test_a_source_that_changes_is_known_as_it_is_now(field: dict[str, Any]) -> None:
    changed = msgspec.structs.replace(camera(1), **field)
    control = follow(camera(1), camera(2), changed)
    found, other = control.source(changed.id), control.source(camera(2).id)
    assert found
    assert other
    (name,) = field
    assert getattr(found, name) == field[name]
    assert getattr(other, name) == getattr(camera(2), name)


def test_a_source_that_moves_to_another_gateway_leaves_its_partition() -> None:
    home = "g-0"
    here = partition_of(home, 4)
    away = next(f"g-{n}" for n in range(1, 99) if partition_of(f"g-{n}", 4) != here)
    keep = Share(here, 4).readings
    source = msgspec.structs.replace(loop(1), gateway=home)
    control = change(EMPTY, ControlChange(1, 1, source), keep)
    assert control.source(source.id)
    moved = msgspec.structs.replace(source, gateway=away)
    control = change(control, ControlChange(2, 2, moved), keep)
    assert control.source(source.id) is None
    assert control.alike == {}


@pytest.mark.parametrize("kind", ["of_no_feed", "camera", "induction_loop"])
def test_a_type_that_no_feed_declares_is_known_to_whoever_could_hear_of_it(kind: str) -> None:
    source = Source("x", kind, "x", "x", "live", NOWHERE, gateway="g")
    pictures = sum(Share(n, 4).pictures(source) is not None for n in range(4))
    readings = sum(Share(n, 4).readings(source) is not None for n in range(4))
    assert (pictures, readings) == {
        "of_no_feed": (1, 1), "camera": (1, 0), "induction_loop": (0, 1),
    }[kind]  # fmt: skip


# --- ticks --------------------------------------------------------------------------------------


NOW: Micros = 1_800_000_000 * SECOND
SAID = tick(EMPTY, Tick(NOW, resumes=True))


def test_a_tick_far_ahead_is_refused_unless_time_resumes_with_it() -> None:
    assert tick(SAID, Tick(NOW + RESUMED_AFTER)).tick == NOW + RESUMED_AFTER
    far = NOW + RESUMED_AFTER + 1
    with pytest.raises(BadMessage, match="absurd_tick"):
        tick(SAID, Tick(far))
    resumed = tick(SAID, Tick(far, resumes=True))
    assert (resumed.tick, resumed.resumed_at) == (far, far)


def test_a_publisher_that_never_says_so_is_believed_as_it_was() -> None:
    before = tick(EMPTY, Tick(NOW))
    after = tick(before, Tick(NOW + 40 * DAY))
    assert (after.tick, after.resumed_at) == (NOW + 40 * DAY, NOW + 40 * DAY)


def test_event_time_goes_back_only_out_of_the_stretch_that_is_undone() -> None:
    far = tick(SAID, Tick(NOW + 40 * DAY, resumes=True))
    undoes = Tick(NOW + MINUTE, True, far.tick - SECOND, far.tick + SECOND)
    back = tick(far, undoes)
    assert went_back(far, back)
    assert (back.tick, back.resumed_at, back.undone) == (undoes.time, undoes.time, far.tick)
    assert tick(back, undoes) is back  # told again
    assert tick(SAID, undoes).tick == undoes.time  # it was never there
    beyond = tick(far, Tick(far.tick + 2 * SECOND))
    assert tick(beyond, undoes) is beyond  # of another stretch
    with pytest.raises(BadMessage, match="absurd_tick"):
        tick(back, Tick(far.tick + SECOND))  # a publisher who does not know of it
    assert tick(far, Tick(NOW + MINUTE, resumes=True)) is far
    later = tick(back, Tick(back.tick + UNDER_WAY))
    assert later.undone == 0


def test_what_was_under_way_when_event_time_went_back_is_no_absurd_time() -> None:
    far = tick(SAID, Tick(NOW + 40 * DAY, resumes=True))
    back = tick(far, Tick(NOW + MINUTE, True, far.tick - SECOND, far.tick))
    judge_time(back, far.tick + SECOND)
    assert is_undone(back, far.tick + SECOND)
    assert not is_undone(back, back.tick + SECOND)
    settled = tick(back, Tick(back.tick + UNDER_WAY))
    with pytest.raises(BadMessage, match="absurd_time"):
        judge_time(settled, far.tick + SECOND)


@pytest.mark.parametrize("name", ["detect", "interpret", "score"])
def test_no_stage_goes_with_a_tick_that_only_somebody_else_has_sent(name: str) -> None:
    part = Partition(stage(name), 0, PARTITIONS)
    for offset, (event, counts) in enumerate(
        [
            (Tick(NOW, resumes=True), 0),
            (Tick(NOW + 40 * DAY), 1),
            (Tick(NOW + SECOND), 0),
            (Tick(NOW + 40 * DAY, resumes=True), 0),
        ]
    ):
        outcome = part.take(offset, event, None, lambda event=event: encode(event))
        assert outcome.counts.get("dead_lettered", 0) == counts
        part.apply(offset, None, outcome)
        if offset < 3:
            assert part.tick < NOW + DAY
    assert part.tick == NOW + 40 * DAY


def test_what_a_partition_was_told_of_the_publisher_outlives_the_process() -> None:
    part = Partition(stage("detect"), 0, PARTITIONS)
    part.apply(0, None, part.take(0, Tick(NOW, resumes=True), None, lambda: ([], b"")))
    again = Partition.decode(stage("detect"), 0, PARTITIONS, part.encode())
    assert again.states[KEY] == SAID


# --- what an earlier release stored -----------------------------------------------------------


def old_snapshot(sources: list[Source], zones: list[Zone]) -> bytes:
    """As the first releases stored it: all of everything, with names."""

    def plain(thing: Source | Zone) -> list[Any]:
        fields = msgspec.to_builtins(thing)
        return fields[:11] if isinstance(thing, Source) else fields

    control = {
        "type": "control", "tick": 7 * SECOND, "resumed_at": SECOND, "sequence": 9,
        "sources": {each.id: plain(each) for each in sources},
        "zones": {each.id: plain(each) for each in zones},
        "rules": {each.id: msgspec.to_builtins(each) for each in rules()},
        "models": {"detection": "m@1"},
    }  # fmt: skip
    return msgspec.msgpack.encode([5, [], {}, {KEY: control}])


@pytest.mark.parametrize("name", ["detect", "interpret", "score"])
def test_what_an_earlier_release_knew_is_what_this_one_would_know(name: str) -> None:
    cameras, loops = [*map(camera, range(30))], [*map(loop, range(90))]
    changes = [*cameras, zone(cameras[3]), *loops, *rules(), ActiveModel("detection", "m@1")]
    data = old_snapshot([*cameras, *loops], [zone(cameras[3])])
    for fresh in told(stage(name), [*changes]):
        part = Partition.decode(fresh.stage, fresh.number, PARTITIONS, data)
        wanted: Control = fresh.states[KEY]
        found: Control = part.states[KEY]
        assert found.all_sources() == wanted.all_sources()
        assert found.zones == wanted.zones
        assert (found.rules, found.models) == (wanted.rules, wanted.models)
        assert (found.tick, found.resumed_at, found.sequence) == (7 * SECOND, SECOND, 9)


def test_a_stored_source_without_what_it_shares_is_refused() -> None:
    (part, *_) = told(Interpret(PARTITIONS), [*map(camera, range(40))])
    stored = msgspec.msgpack.decode(part.encode(), type=Snapshot)
    control = msgspec.msgpack.decode(bytes(stored.states[KEY]))
    spoilt = msgspec.msgpack.encode(control | {"alike": {}})
    broken = msgspec.structs.replace(stored, states={**stored.states, KEY: msgspec.Raw(spoilt)})
    with pytest.raises(SnapshotError, match="without what it shares"):
        Partition.decode(part.stage, part.number, PARTITIONS, msgspec.msgpack.encode(broken))
