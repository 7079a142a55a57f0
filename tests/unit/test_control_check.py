import math
from typing import Any

import msgspec
import pytest

from streams.configuration.check import InvalidChangeError, check, whole
from streams.configuration.configured import folded
from streams.configuration.difference import makes_difference
from streams.events import (
    ActiveModel,
    Change,
    ControlChange,
    Mask,
    Place,
    Removed,
    Rule,
    SceneryVerdict,
    Source,
    Zone,
)
from tests.support.extension import extended


def but(change: Change, **fields: Any) -> Change:
    return msgspec.structs.replace(change, **fields)


CAMERA = Source("cam-1", "camera", "Ngã tư", "Junction", "live", Place(20.86, 106.68, "seg-1"))
LOOP = Source("loop-1", "loop", "Vòng từ", "Loop", "live", Place(20.86, 106.68), gateway="gw-1")
SQUARE = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))
ZONE = Zone("zone-1", "cam-1", "Vỉa hè", "Pavement", SQUARE)
LINE = but(ZONE, id="line-1", polygon=((0.1, 0.5), (0.9, 0.5)))
RULE = Rule(
    "rule-1", "intrusion", "high", ("cam-1",), ("zone-1",), ("person",), {"dwell_seconds": 5.0}
)


def configured(*changes: Change) -> Any:
    return folded(ControlChange(n, n, change) for n, change in enumerate(changes, 1))


MASK = Mask("mask-1", "cam-1", SQUARE)
SIGN = SceneryVerdict("a1b2c3", "cam-1", "person", (0.1, 0.1, 0.2, 0.3), confirmed=True)
BASE = configured(CAMERA, LOOP, ZONE, LINE, RULE)


@pytest.mark.parametrize(
    "change", [CAMERA, LOOP, ZONE, LINE, RULE, MASK, SIGN, ActiveModel("detection", "a@1")]
)
def test_what_is_right_is_accepted(change: Change) -> None:
    check(BASE, change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (but(CAMERA, id="a/b"), "id 'a/b'"),
        (but(CAMERA, id=""), "id ''"),
        (but(CAMERA, id="x" * 65), "1 to 64"),
        (but(CAMERA, id="x" * 100_000), "^source id 'x{40}'…: give 1 to 64 .{0,99}$"),
        (but(CAMERA, name_vi="Đ" * 100_000), "^source name 'Đ{40}'…: give 1 to 200 characters$"),
        (but(CAMERA, name_en="a\u202eb"), "not seen"),
        (but(CAMERA, name_vi=" "), "name ' '"),
        (but(CAMERA, name_en="a\x00b"), "name"),
        (but(CAMERA, kind="radar"), "radar"),
        (but(CAMERA, origin="invented"), "invented"),
        (but(CAMERA, place=Place(91, 0)), "latitude"),
        (but(CAMERA, place=Place(math.nan, 0)), "latitude is from"),
        (but(CAMERA, place=Place(0, 0, "a b")), "segment"),
        (but(CAMERA, model="yolox"), "name@version"),
        (but(CAMERA, period=-1), "negative"),
        (but(CAMERA, address="rtsp://user:secret@host/1"), "credentials"),
        (but(LOOP, gateway="a b"), "gateway id"),
        (but(LOOP, gateway="", period=1), "without a gateway nothing comes of it"),
        (but(ZONE, source="cam-2"), "no camera 'cam-2'"),
        (but(ZONE, source="loop-1"), "no camera 'loop-1'"),
        (but(ZONE, polygon=SQUARE[:1]), "3 to 100 corners, and a line has 2"),
        (but(ZONE, polygon=((0, 0), (1, 1.1), (1, 0))), "from 0 to 1"),
        (but(LINE, polygon=((0.5, 0.5), (0.5, 0.5))), "two different corners"),
        (but(LINE, polygon=((0.5, 0.5), (0.5, 1.5))), "from 0 to 1"),
        (but(ZONE, polygon=SQUARE[:2]), "rule rule-1 names it, and intrusion watches zones"),
        (but(RULE, zones=("line-1",)), "intrusion watches zones .* line-1 is a line"),
        (but(RULE, zones=("zone-1", "line-1")), "line-1 is a line"),
        (but(ZONE, polygon=((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0))), "Self-intersection"),
        (but(ZONE, polygon=((0.0, 0.0), (0.5, 0.5), (1.0, 1.0))), "simple polygon"),
        (but(RULE, kind="loitering"), "loitering"),
        (but(RULE, severity="dire"), "dire"),
        (but(RULE, sources=("cam-9",)), "no source 'cam-9'"),
        (but(RULE, types=("radar",)), "no feed declares 'radar'"),
        (but(RULE, types=("induction_loop",)), "watches pictures, and a induction_loop sends none"),
        (but(RULE, types=("loop",)), "watches pictures, and a loop sends none"),
        (Rule("jam", "congestion", "low", types=("camera",)), "a camera sends none"),
        (Rule("jam", "congestion", "low", ("loop-1",), types=("camera",)), "a camera sends none"),
        (Rule("new", "crowd", "low", ("cam-2",), ("zone-1",)), "no source 'cam-2'"),
        (but(RULE, zones=("zone-9",)), "no zone 'zone-9'"),
        (but(RULE, classes=("horse",)), "no class 'horse'"),
        (but(RULE, parameters={"wheels": 4.0}), "no parameter 'wheels'"),
        (but(RULE, parameters={"dwell_seconds": -1.0}), "dwell_seconds"),
        (but(RULE, parameters={"dwell_seconds": math.inf}), "give a number from"),
        (ActiveModel("poetry", "a@1"), "no task 'poetry'"),
        (ActiveModel("detection", "a"), "name@version"),
        (but(MASK, source="loop-1"), "no camera 'loop-1'"),
        (but(MASK, polygon=SQUARE[:2]), "3 to 100 corners"),
        (but(MASK, polygon=((0.0, 0.0), (1.1, 0.0), (1.0, 1.0))), "from 0 to 1"),
        (but(MASK, polygon=((0.0, 0.0), (math.nan, 0.0), (1.0, 1.0))), "from 0 to 1"),
        (but(MASK, polygon=((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0))), "simple polygon"),
        (but(SIGN, source="cam-9"), "no camera 'cam-9'"),
        (but(SIGN, group="horse"), "horse"),
        (but(SIGN, box=(0.2, 0.1, 0.1, 0.3)), "left, top, right and bottom"),
        (but(SIGN, box=(math.nan, 0.1, 0.1, 0.3)), "left, top, right and bottom"),
        (Removed("mask", "mask-9"), "no mask 'mask-9'"),
        (Removed("scenery", "ffff"), "no scenery 'ffff'"),
        (Removed("source", "cam-9"), "no source 'cam-9'"),
        (Removed("source", "cam-1"), "zone zone-1"),
        (Removed("zone", "zone-1"), "rule rule-1"),
    ],
)
def test_what_cannot_stand_is_refused_with_the_reason(change: Change, message: str) -> None:
    with pytest.raises(InvalidChangeError, match=message):
        check(BASE, change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (but(CAMERA, kind="loop", gateway="gw"), "cam-1 is of type camera: remove it before"),
        (but(LOOP, kind="camera"), "loop-1 is of type loop: remove it before it becomes camera"),
        (but(ZONE, source="cam-2"), "rule-2 names it, and would have none on cam-1"),
        (Rule("rule-3", "intrusion", "high", ("cam-1", "cam-2"), ("zone-1",)),
         "none of its zones is drawn on cam-2, where it could never fire"),
    ],
)  # fmt: skip
def test_what_would_leave_a_rule_that_can_never_fire_is_refused(
    change: Change, message: str
) -> None:
    named = Rule("rule-2", "intrusion", "high", ("cam-1",), ("zone-1",))
    known = configured(CAMERA, but(CAMERA, id="cam-2"), LOOP, ZONE, named)
    with pytest.raises(InvalidChangeError, match=message):
        check(known, change)
    check(known, but(CAMERA, name_en="Crossing", period=5))


def test_a_rule_names_what_its_cameras_model_can_tell() -> None:
    model = "person-vehicle-bike-2004@2022.3.0"
    known = configured(but(CAMERA, model=model), ZONE)
    cars = Rule("cars", "stopped_vehicle", "high", ("cam-1",), classes=("car", "truck"))
    with pytest.raises(InvalidChangeError, match=r"cam-1: .* and finds no car, truck, so it could"):
        check(known, cars)
    check(known, but(cars, classes=("car", "vehicle")))
    check(known, but(cars, classes=()))
    check(known, but(cars, classes=("vehicle",)))
    check(configured(but(CAMERA, model="nobody@1"), ZONE), cars)
    check(configured(CAMERA, ZONE), cars)
    check(configured(but(CAMERA, model=model), ZONE, cars), but(cars, severity="low"))


MISSED = but(CAMERA, id="cam-2", period=200_000)
QUIET = Rule("quiet", "no_data", "low", ("cam-2",))


def test_what_could_never_be_missed_is_not_named_by_a_rule_on_that() -> None:
    known = configured(CAMERA, LOOP, MISSED)
    check(known, QUIET)
    check(known, but(QUIET, sources=()))
    with pytest.raises(InvalidChangeError, match="cam-1: its period is not known: a file that"):
        check(known, but(QUIET, sources=("cam-1", "cam-2")))
    with pytest.raises(InvalidChangeError, match="loop-1: its period is not known: add it again"):
        check(known, but(QUIET, sources=("loop-1",)))


def test_a_sensor_keeps_a_period_while_it_is_missed_and_a_camera_may_become_a_file() -> None:
    heard = but(LOOP, id="loop-2", period=5_000_000)
    known = configured(MISSED, heard, but(QUIET, sources=("cam-2", "loop-2")))
    check(known, but(MISSED, period=0))
    check(known, but(heard, period=1_000_000))
    with pytest.raises(InvalidChangeError, match="rule quiet names it: its period is not known"):
        check(known, but(heard, period=0))


def test_means_reach_no_further_than_the_window_of_each_source() -> None:
    slow, fast = but(LOOP, period=5_000_000), but(LOOP, id="loop-2", period=1_000_000)
    known = configured(slow, fast, but(LOOP, id="loop-3"))
    jam = Rule("jam", "congestion", "low", ("loop-1",), parameters={"smooth_seconds": 120.0})
    check(known, jam)
    check(known, but(jam, sources=("loop-1", "loop-3")))  # nobody knows how far that window reaches
    check(known, but(jam, sources=("loop-2",), parameters={"smooth_seconds": 24.0}))
    check(known, but(jam, sources=("loop-2",), parameters={}))  # 30 s by default: what is kept
    with pytest.raises(InvalidChangeError, match=r"loop-2: smooth_seconds=120: give at most 24"):
        check(known, but(jam, sources=("loop-1", "loop-2")))
    accepted = configured(slow, fast, jam)
    with pytest.raises(InvalidChangeError, match="rule jam names it: smooth_seconds=120: give at"):
        check(accepted, but(slow, period=4_000_000))
    old = configured(slow, fast, but(jam, sources=("loop-2",)))
    check(old, but(jam, sources=("loop-2",), severity="high"))
    check(old, but(fast, name_en="Lane 2"))


def test_what_a_rule_was_accepted_with_stands_when_it_is_changed_elsewhere() -> None:
    old = Rule("old", "silence", "low", ("cam-1", "cam-2"), parameters={"silence_seconds": 0.0})
    known = configured(CAMERA, MISSED, old)
    for kept in (but(old, sources=("cam-1",)), but(old, severity="high"), but(old, kind="no_data")):
        check(known, whole(kept, known))
    check(known, but(CAMERA, name_en="Crossing"))
    for changed in (
        but(old, parameters={"silence_seconds": 0.5}),
        but(old, id="new"),
        but(old, kind="crowd"),
    ):
        with pytest.raises(InvalidChangeError, match="seconds"):
            check(known, whole(changed, known))


def test_kinds_of_lines_watch_lines_and_those_of_the_picture_no_zone() -> None:
    with extended():
        wrong_way = Rule("rule-2", "wrong_way", "high", zones=("line-1",))
        check(BASE, wrong_way)
        check(BASE, but(wrong_way, zones=()))
        with pytest.raises(InvalidChangeError, match="lines, of two corners, and zone-1"):
            check(BASE, but(wrong_way, zones=("line-1", "zone-1")))
        known = configured(CAMERA, LINE, wrong_way)
        check(known, but(LINE, polygon=((0.2, 0.5), (0.2, 0.1))))
        with pytest.raises(InvalidChangeError, match="rule-2 names it, and wrong_way"):
            check(known, but(LINE, polygon=SQUARE))
        crowded = Rule("rule-3", "crowded_picture", "high", ("cam-1",))
        check(BASE, crowded)
        for zone in ("zone-1", "line-1"):
            with pytest.raises(InvalidChangeError, match="watches no zones"):
                check(BASE, but(crowded, zones=(zone,)))
    check(known, but(LINE, polygon=SQUARE))  # nobody knows what the kind that is gone watches


def test_a_rule_may_name_types_and_their_former_names() -> None:
    jam = Rule("jam", "congestion", "low", types=("loop", "induction_loop"))
    check(BASE, jam)
    assert whole(jam, BASE).types == ("induction_loop",)  # type: ignore[union-attr]
    check(BASE, but(RULE, sources=(), types=("camera",)))


def test_a_new_rule_names_no_zone_where_it_does_not_reach() -> None:
    other = but(CAMERA, id="cam-2")
    theirs = but(ZONE, id="zone-2", source="cam-2")
    known = configured(CAMERA, LOOP, ZONE, other, theirs)
    both = Rule("both", "crowd", "low", ("cam-1",), ("zone-1", "zone-2"))
    with pytest.raises(InvalidChangeError, match="zone-2 is drawn on cam-2, which the rule does"):
        check(known, both)
    check(known, but(both, sources=(), types=("camera",)))
    # What was accepted before is not refused when something else of it changes.
    accepted = configured(CAMERA, LOOP, ZONE, other, theirs, both)
    check(accepted, but(both, severity="high"))


def test_things_go_in_the_reverse_order_of_their_coming() -> None:
    control = BASE
    for sequence, change in enumerate(
        (
            Removed("rule", "rule-1"),
            Removed("zone", "line-1"),
            Removed("zone", "zone-1"),
            Removed("source", "cam-1"),
        ),
        6,
    ):
        check(control, change)
        control = folded([ControlChange(sequence, sequence, change)], control)
    assert sorted(control.sources) == ["loop-1"]


def test_only_a_change_of_what_is_configured_makes_a_difference() -> None:
    for known in (CAMERA, LOOP, ZONE, RULE):
        assert not makes_difference(BASE, known)
    assert makes_difference(BASE, but(CAMERA, name_en="Crossing"))
    assert makes_difference(BASE, ActiveModel("detection", "a@1"))
    assert makes_difference(BASE, Removed("zone", "zone-1"))
    assert not makes_difference(BASE, Removed("zone", "zone-2"))


def test_masks_and_verdicts_of_a_camera_are_so_many_and_it_stays_with_them() -> None:
    masks = [but(MASK, id=f"mask-{n}") for n in range(32)]
    signs = [but(SIGN, id=f"{n:012x}") for n in range(64)]
    full = configured(CAMERA, but(CAMERA, id="cam-2"), *masks, *signs)
    for one in (
        *masks[:1],
        *signs[:1],
        but(MASK, source="cam-2", id="m"),
        but(SIGN, confirmed=False, id=signs[1].id),
    ):
        check(full, one)
    for one, message in ((MASK, "32 masks"), (SIGN, "64 places")):
        with pytest.raises(InvalidChangeError, match=message):
            check(full, but(one, id="one-more"))
    for one in (MASK, SIGN):
        with pytest.raises(InvalidChangeError, match=one.id):
            check(configured(CAMERA, one), Removed("source", "cam-1"))
        assert not makes_difference(configured(CAMERA, one), one)
        assert makes_difference(configured(CAMERA), one)
