"""What the camera rules make of hand-made streets."""

from typing import Any

import msgspec
import numpy as np
import pytest

from streams.events import HOUR, MINUTE, SECOND, Incident, Removed, Watermark
from tests.support.watchman import FRAME, START, WHOLE, Watchman, at, camera, rule, zone

STOP = rule("stopped_vehicle", parameters={"dwell_seconds": 20, "clear_seconds": 10})
MINUTES = (START - START % MINUTE, START - START % MINUTE + MINUTE)
LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))


def city(*rules: object, polygon: object = WHOLE) -> Watchman:
    return Watchman(camera(), zone(polygon=polygon), *rules)


def frames(seconds: float) -> range:
    return range(round(seconds * SECOND) // FRAME)


def test_a_vehicle_that_stops_is_one_incident_until_it_has_gone() -> None:
    man = city(STOP)
    for step in frames(4):
        man.see(at("car", 20 + 10 * step, 200))
    stopped_at = man.time
    for _ in frames(30):
        man.see(at("car", 210, 200))
    (incident,) = man.incidents
    assert incident.kind == "stopped_vehicle"
    assert incident.sources == ("cam",)
    assert incident.zone == "zone"
    assert incident.revision == 0
    assert incident.end is None
    assert incident.origin == "simulated"
    assert abs(incident.start - stopped_at) <= SECOND
    assert incident.decided_at - incident.start == 20 * SECOND
    (evidence,) = incident.evidence
    assert evidence.time == incident.decided_at
    assert evidence.frame is not None
    assert evidence.frame.offset == incident.decided_at // FRAME
    assert evidence.zone == WHOLE
    (box,) = evidence.boxes
    assert (box.x0, box.y0, box.x1, box.y1, box.label) == (1900, 1700, 2300, 2000, "car")
    left_at = man.time
    for step in frames(20):
        man.see(at("car", 210 + 10 * step, 200))
    first, ended = man.incidents
    assert ended.id == first.id
    assert ended.revision == 1
    assert ended.end is not None
    assert abs(ended.end - left_at) <= SECOND
    assert ended.decided_at - ended.end == 10 * SECOND


@pytest.mark.parametrize(("frames_a_burst", "every"), [(5, 2.5), (5, 4.0), (10, 5.0)])
def test_a_vehicle_that_stops_is_found_though_frames_come_in_bursts(
    frames_a_burst: int, every: float
) -> None:
    """As over a poor link: a tenth of a second apart, and then none for seconds."""
    man, began = city(STOP), START + 30 * SECOND
    for number in range(round(90 / every)):
        for frame in range(frames_a_burst):
            time = START + SECOND + round(number * every * SECOND) + frame * SECOND // 10
            cars = [at("car", 300, 200)] if time >= began else []
            man.see_at(time, *cars)
    (incident,) = man.incidents
    assert 0 <= incident.start - began <= 2 * every * SECOND
    assert incident.end is None


def test_the_queue_behind_is_the_same_incident() -> None:
    man = city(STOP)
    for _ in frames(25):
        man.see(at("car", 300, 200))
    for count in range(1, 5):
        for _ in frames(25):
            man.see(*(at("car", 300 - 60 * n, 200) for n in range(count + 1)))
    (incident,) = man.incidents
    assert incident.subject == "track-1"


def test_stop_and_go_is_no_stop() -> None:
    man = city(STOP)
    x = 20.0
    for _ in range(8):
        for _ in frames(12):
            man.see(at("car", x, 200))
        for _ in frames(2):
            x += 6
            man.see(at("car", x, 200))
    assert man.incidents == []


@pytest.mark.parametrize(("every", "found"), [(1, 1), (3, 1), (10, 0), (1000, 0)])
def test_what_stands_is_believed_if_it_is_seen_surely_now_and_then(every: int, found: int) -> None:
    """A patch of pavement that is weakly a vehicle stands there for ever."""
    man = city(STOP)
    for number in range(300):
        score = 600 if number < 3 or number % every == 0 else 300
        man.see(at("car", 320, 200), score=score)
    assert len(man.incidents) == found


@pytest.mark.parametrize("dwell", [1.0, 2.0, 3.0, 5.0])
def test_a_short_dwell_holds(dwell: float) -> None:
    man = city(rule("stopped_vehicle", parameters={"dwell_seconds": dwell}))
    for _ in frames(8):
        man.see(at("car", 320, 200))
    (incident,) = man.incidents
    assert incident.decided_at - incident.start == dwell * SECOND


def test_a_doubted_one_hides_no_other() -> None:
    man = city(STOP)
    for number in range(400):
        there = [at("truck", 320, 200), *([at("car", 120, 200)] if number >= 100 else [])]
        man.see(*there, scores=[600 if number < 3 else 300, 900][: len(there)])
        if number == 250:
            man.restart()
    (incident,) = man.incidents
    (evidence,) = incident.evidence
    assert [box.label for box in evidence.boxes] == ["car"]
    assert START + 20 * SECOND <= incident.start <= START + 22 * SECOND


def test_of_few_pictures_nobody_can_tell() -> None:
    """One in five seconds: a vehicle is there after four, whatever their scores."""
    man = Watchman(camera(period=5 * SECOND), zone(), STOP)
    for number in range(8):
        man.see_at(man.time + 5 * SECOND, at("car", 320, 200), score=600 if number < 3 else 300)
    assert len(man.incidents) == 1


def test_a_detector_that_flickers_sees_one_stop() -> None:
    man = city(STOP)
    for step in frames(120):
        seen = step % 3 == 0 or step % 50 < 10
        man.see(*([at("car", 300, 200)] if seen else []))
    assert len(man.incidents) == 1


def test_a_passing_bus_that_hides_the_vehicle_does_not_end_the_stop() -> None:
    man = city(STOP)
    for step in frames(90):
        seconds = step / 5
        bus = at("bus", 100 + 60 * (seconds - 30), 215, 160, 90)
        hidden = 30 <= seconds < 38
        man.see(*([bus] if hidden else [at("car", 300, 200)]))
    (incident,) = man.incidents
    assert incident.subject == "track-1"


@pytest.mark.parametrize("rate", [0.2, 0.5, 1, 2, 5, 10, 30])
@pytest.mark.parametrize("uneven", [0.0, 0.3])
def test_a_vehicle_that_stands_is_found_at_any_rate(rate: float, uneven: float) -> None:
    man = Watchman(camera(period=round(SECOND / rate)), zone(), STOP)
    rng = np.random.default_rng(5)
    move = rng.normal(0, 0.5, (round(90 * rate), 2))
    for x, y in move:
        man.see_at(
            man.time + round(SECOND / rate * rng.uniform(1 - uneven, 1 + uneven)),
            at("car", 300 + x, 200 + y),
        )
    (incident,) = man.incidents
    assert 20 * SECOND <= incident.decided_at - START < 20 * SECOND + round(4 * SECOND / rate)
    for _ in range(round(40 * rate)):
        man.see_at(man.time + round(SECOND / rate))
    *_, over = man.incidents
    assert (over.id, over.revision) == (incident.id, 1)
    assert over.end is not None


def test_traffic_that_passes_sparsely_seen_is_no_stop() -> None:
    man = Watchman(camera(period=5 * SECOND), zone(), STOP)
    rng = np.random.default_rng(6)
    for _ in range(200):
        places = rng.uniform((40, 60), (600, 340), (5, 2))
        man.see_at(man.time + 5 * SECOND, *(at("car", x, y) for x, y in places))
    assert man.incidents == []


def test_a_parked_vehicle_that_glare_hides_again_and_again_is_asked_about_once() -> None:
    man = city(STOP)
    for step in frames(600):
        man.see(*([at("car", 300, 200)] if step / 5 % 25 < 10 else []))
    (raised,) = (one for one in man.incidents if one.revision == 0)
    assert {one.id for one in man.incidents} == {raised.id}
    assert all(one.end is None for one in man.incidents)
    assert man.incidents[1].unknown_since is not None
    assert man.incidents[2].unknown_since is None


def test_a_parked_vehicle_that_is_hidden_for_minutes_is_unknown_and_the_same() -> None:
    man = city(STOP)
    for _ in frames(150):
        man.see(at("car", 300, 200))
    last = man.time
    for _ in frames(240):
        man.see()
    raised, lost = man.incidents
    assert (lost.id, lost.end, lost.unknown_since) == (raised.id, None, last)
    assert lost.decided_at == last + 10 * SECOND
    man.restart()
    for _ in frames(30):
        man.see(at("car", 301, 200))
    _, _, again = man.incidents
    assert (again.id, again.end, again.unknown_since) == (raised.id, None, None)
    last = man.time
    for _ in frames(650):
        man.see()
    *_, over = man.incidents
    assert (over.id, over.end) == (raised.id, last)


@pytest.mark.parametrize(
    "box",
    [(300, 330, 380, 360), (0, 320, 60, 360), (580, 325, 640, 359), (0, 200, 8, 260),
     (633, 150, 640, 240)],
)  # fmt: skip
def test_a_vehicle_that_the_edge_cuts_is_found_and_counted(box: tuple[int, ...]) -> None:
    man = city(STOP)
    for _ in frames(70):
        man.see(("car", *box))
    (incident,) = man.incidents
    assert incident.zone == "zone"
    counts = [(one.zone, one.label, one.tracks) for one in man.counts]
    assert counts == [("", "car", 1), ("zone", "car", 1)]


def test_only_vehicles_in_the_zone_count() -> None:
    man = city(STOP, polygon=LEFT)
    for _ in frames(40):
        man.see(at("car", 500, 200), at("person", 100, 200, 15, 40))
    assert man.incidents == []
    for _ in frames(25):
        man.see(at("car", 500, 200), at("person", 100, 200, 15, 40), at("truck", 200, 300))
    (incident,) = man.incidents
    assert [box.label for box in incident.evidence[0].boxes] == ["truck"]


def test_a_crowd_has_to_last_and_ends_below_its_part() -> None:
    man = city(rule("crowd", parameters={"count": 4, "hold_seconds": 3, "clear_seconds": 5}))

    def stand(count: int, seconds: float) -> None:
        for _ in frames(seconds):
            man.see(*(at("person", 60 + 60 * n, 200, 15, 40) for n in range(count)))

    stand(3, 10)
    stand(4, 2)
    stand(3, 10)
    assert man.incidents == []
    stand(4, 6)
    (incident,) = man.incidents
    assert len(incident.evidence[0].boxes) == 4
    stand(3, 20)
    assert len(man.incidents) == 1, "three of four are still a crowd"
    stand(1, 8)
    assert [seen.revision for seen in man.incidents] == [0, 1]


def test_a_crowd_of_a_stored_rule_does_not_end_while_it_is_proven() -> None:
    """An earlier release may have accepted a ratio above 1."""
    parameters = {"count": 4.0, "hold_seconds": 3.0, "clear_seconds": 0.0, "clear_ratio": 2.0}
    man = city(rule("crowd", parameters=parameters))
    for _ in frames(30):
        man.see(*(at("person", 60 + 60 * n, 200, 15, 40) for n in range(5)))
    assert [seen.revision for seen in man.incidents] == [0]


def test_an_intruder_is_one_incident_while_anyone_is_there() -> None:
    man = city(rule("intrusion", parameters={"dwell_seconds": 3}), polygon=LEFT)
    for step in frames(45):  # walks through the left half and out, another follows
        man.see(at("person", 10 + 2 * step, 200, 15, 40), at("person", 2 * step - 90, 300, 15, 40))
    (incident,) = man.incidents
    assert incident.subject == "track-1"
    assert incident.decided_at - incident.start == 3 * SECOND
    for _ in frames(15):
        man.see()
    assert [seen.revision for seen in man.incidents] == [0, 1]


def test_classes_of_the_rule_are_the_intruders() -> None:
    man = city(rule("intrusion", classes=("truck", "bus")))
    for _ in frames(10):
        man.see(at("person", 100, 200, 15, 40), at("car", 300, 200))
    assert man.incidents == []
    for _ in frames(10):
        man.see(at("truck", 500, 300, 80, 60))
    assert len(man.incidents) == 1


@pytest.mark.parametrize(
    ("classes", "found"), [((), 1), (("vehicle",), 1), (("car", "vehicle"), 1), (("car",), 0)]
)
def test_a_vehicle_of_no_known_class_is_a_vehicle_and_no_car(
    classes: tuple[str, ...], found: int
) -> None:
    man = city(msgspec.structs.replace(STOP, classes=classes))
    for _ in frames(30):
        man.see(at("vehicle", 300, 200))
    assert len(man.incidents) == found
    for incident in man.incidents:
        assert [box.label for box in incident.evidence[0].boxes] == ["vehicle"]


def test_a_camera_that_is_not_heard_of_is_silent_until_its_next_frame() -> None:
    man = city(rule("silence"))
    man.pass_until(START + 5 * SECOND)
    man.see()
    last = man.time
    man.pass_until(last + 90 * SECOND)
    (incident,) = man.incidents
    assert incident.kind == "no_data"
    assert incident.start == last
    assert 60 * SECOND <= incident.decided_at - last <= 61 * SECOND
    man.see()
    assert [seen.revision for seen in man.incidents] == [0, 1]
    assert man.incidents[1].end == man.time


def test_a_slow_camera_has_five_periods() -> None:
    man = Watchman(camera(period=20 * SECOND), rule("silence"))
    man.see()
    man.pass_until(man.time + 99 * SECOND)
    assert man.incidents == []
    man.pass_until(man.time + 3 * SECOND)
    assert len(man.incidents) == 1


def test_a_camera_that_never_sends_is_silent_and_one_without_a_period_never() -> None:
    man = Watchman(camera("mute"), camera("unknown", period=0), rule("silence"))
    man.pass_until(START + 70 * SECOND)
    assert [incident.sources for incident in man.incidents] == [("mute",)]


def test_no_data_is_judged_in_the_cameras_own_partition_only() -> None:
    men = [Watchman(partitions=2) for _ in range(2)]
    for number, man in enumerate(men):
        man.partition.number = number
        man.configure(camera(), rule("silence"))
        man.pass_until(START + 70 * SECOND)
    assert sorted(len(man.incidents) for man in men) == [0, 1]


def test_eight_hours_down_bring_no_flood_of_no_data() -> None:
    man = city(rule("silence"), STOP)
    for _ in frames(30):
        man.see(at("car", 300, 200))
    stop, *no_data = man.incidents
    assert not no_data
    last = man.time
    man.time += 8 * HOUR
    for _ in frames(30):
        man.see()
    assert [seen.kind for seen in man.incidents] == ["stopped_vehicle"] * 2
    assert man.incidents[1].id == stop.id
    assert man.incidents[1].revision == 1
    assert man.incidents[1].end == last


def test_an_interruption_does_not_end_a_stop_that_goes_on() -> None:
    man = city(STOP)
    for _ in frames(30):
        man.see(at("car", 300, 200))
    man.time += 20 * SECOND
    for _ in frames(30):
        man.see(at("car", 300, 200))
    assert len(man.incidents) == 1


def test_late_and_repeated_frames_change_nothing() -> None:
    man = city(STOP)
    man.see_at(START + MINUTE, at("car", 300, 200))
    before = man.partition.encode()
    counts = man.partition.counts
    for time, late in ((START + MINUTE, False), (START + 45 * SECOND, False), (man.time + 1, True)):
        man.time = START + MINUTE
        man.see_at(time, at("car", 300, 200), late=late)
    assert counts["late"] == 2
    assert counts["repeated"] == 1
    assert (
        man.partition.states == type(man.partition).decode(man.partition.stage, 0, 1, before).states
    )


def test_a_tick_is_followed_by_its_watermark_and_a_repeated_one_by_nothing() -> None:
    man = city()
    man.pass_until(START + 5 * SECOND)
    (mark,) = man.pass_until(START + 6 * SECOND)
    assert mark == Watermark("interpret", "detections", 0, START - 4 * SECOND, START + 6 * SECOND)
    man.time = START + 3 * SECOND
    assert man.pass_until(START + 6 * SECOND) == []


@pytest.mark.parametrize(
    "change",
    [
        rule("stopped_vehicle", parameters={"dwell_seconds": 21}),
        zone(polygon=LEFT),
        Removed("rule", "stopped_vehicle"),
        Removed("zone", "zone"),
        Removed("source", "cam"),
    ],
)
def test_what_changes_or_goes_ends_its_incidents_at_its_offset(change: object) -> None:
    man = city(STOP, rule("intrusion", id="other"))
    for _ in frames(30):
        man.see(at("car", 300, 200), at("person", 100, 200, 15, 40))
    by_rule = {incident.rule: incident for incident in man.incidents}
    assert sorted(by_rule) == ["other", "stopped_vehicle"]
    ended = [said for said in man.configure(change) if isinstance(said, Incident)]
    both = not (isinstance(change, Removed) and change.kind == "rule") and not hasattr(
        change, "severity"
    )
    expected = ["other", "stopped_vehicle"] if both else ["stopped_vehicle"]
    assert [incident.rule for incident in ended] == expected
    for incident in ended:
        assert incident.id == by_rule[incident.rule].id
        assert incident.revision == 1
        assert incident.end is not None
        assert incident.decided_at > by_rule[incident.rule].decided_at


STRICTER = rule("stopped_vehicle", parameters={"dwell_seconds": 15})


@pytest.mark.parametrize(
    "changes",
    [
        (STRICTER,),
        (zone(polygon=LEFT),),
        (Removed("rule", "stopped_vehicle"), STOP),
        (Removed("zone", "zone"), zone()),
    ],
)
@pytest.mark.parametrize("between", [True, False])
def test_what_still_stands_after_a_change_is_another_incident(
    changes: tuple[Any, ...], between: bool
) -> None:
    """Under the id of the one that has ended nobody would hear of it."""
    man = city(STOP)
    for _ in frames(30):
        man.see(at("car", 200, 200))
    (first,) = man.incidents
    for change in changes:
        man.configure(change)
        if between:
            man.see(at("car", 200, 200))
    man.restart()
    for _ in frames(30):
        man.see(at("car", 200, 200))
    _, ended, second = man.incidents
    assert (ended.id, ended.revision) == (first.id, 1)
    assert second.id != first.id
    assert second.subject == first.subject, "it is the same vehicle"
    assert second.revision == 0
    assert second.start == ended.end


def test_a_change_forgets_no_incident_that_ended_before_it() -> None:
    man = city(STOP)
    for _ in frames(25):
        man.see(at("car", 200, 200))
    for _ in frames(12):
        man.see()
    first, ended = man.incidents
    man.configure(STRICTER)
    for _ in frames(30):
        man.see(at("car", 200, 200))  # the same track: it was only hidden
    *_, second = man.incidents
    assert second.subject == first.subject
    assert second.id != first.id
    assert second.start == ended.decided_at


@pytest.mark.parametrize(
    "changes",
    [
        (rule("silence", parameters={"silence_seconds": 50}),),
        (Removed("rule", "silence"), rule("silence")),
    ],
)
def test_a_camera_still_silent_after_a_change_is_another_incident(changes: Any) -> None:
    man = city(rule("silence"))
    man.see()
    man.pass_until(START + 90 * SECOND)
    man.configure(*changes)
    man.pass_until(START + 180 * SECOND)
    first, ended, second = man.incidents
    assert ended.id == first.id != second.id
    assert ended.end == second.start == START + 90 * SECOND


def test_what_is_kept_of_rules_that_are_gone_goes_with_what_stood_then() -> None:
    man = city()
    for number in range(5):
        man.configure(rule("stopped_vehicle", id=f"rule-{number}"))
        for _ in frames(25):
            man.see(at("car", 200, 200))
        man.configure(Removed("rule", f"rule-{number}"))
    assert len(man.incidents) == 10
    assert len(man.partition.states["cam"].watches) == 5, "the vehicle still stands"
    man.pass_until(man.time + 40 * SECOND)
    man.see()
    man.configure(rule("stopped_vehicle", id="rule-0"))
    assert man.partition.states["cam"].watches.keys() == {"rule-0\x1fzone"}


def test_a_camera_that_comes_back_proves_other_incidents() -> None:
    man = city(STOP, rule("silence"))
    for _ in range(2):
        for _ in frames(30):
            man.see(at("car", 200, 200))
        man.pass_until(man.time + 90 * SECOND)
        man.configure(Removed("source", "cam"), camera())
    man.pass_until(man.time + 90 * SECOND)
    ids = [incident.id for incident in man.incidents if incident.revision == 0]
    assert len(ids) == len(set(ids)) == 5


def test_a_rule_that_is_said_again_changes_nothing() -> None:
    man = city(STOP)
    for _ in frames(30):
        man.see(at("car", 300, 200))
    assert man.configure(STOP, zone(), camera()) == []
    for _ in frames(30):
        man.see(at("car", 300, 200))
    assert len(man.incidents) == 1


def test_a_new_rule_sees_from_its_offset_on() -> None:
    man = city()
    for _ in frames(30):
        man.see(at("car", 300, 200))
    assert man.incidents == []
    man.configure(STOP)
    man.see(at("car", 300, 200))
    assert len(man.incidents) == 1


def test_a_zone_without_an_inside_and_an_unknown_camera_harm_nobody() -> None:
    man = city(STOP, zone("line", polygon=((0.1, 0.1), (0.9, 0.9))), rule("silence"))
    for _ in frames(30):
        man.see(at("car", 300, 200))
        man.see(at("car", 300, 200), camera="nobody")
    assert [incident.zone for incident in man.incidents] == ["zone"]
    assert man.partition.counts["dead_lettered"] == len(frames(30))


def test_incidents_of_one_road_segment_go_to_one_partition() -> None:
    man = Watchman(camera(segment="road-7"), zone(), STOP)
    keys = set()
    for _ in frames(60):
        result = man.partition.stage.step(man.partition.states, *_next(man))
        keys |= {out.key for out in result.outputs if out.topic == "incidents" and out.key}
        man.see(at("car", 300, 200))
    assert keys == {"road-7"}


def _next(man: Watchman) -> tuple[object, object]:
    from streams.stage import Position
    from tests.support.watchman import detections

    event = detections(man.time + FRAME, [at("car", 300, 200)])
    return event, Position("detections", 0, man.partition.next_offset)


def test_different_objects_are_counted_once_a_minute_in_all_and_by_zone() -> None:
    man = city(polygon=LEFT)
    for step in frames(50):
        passing = at("car", 8 * (step % 80), 200)
        things = [at("person", 100, 300, 15, 40), at("person", 500, 300, 15, 40)]
        man.see(*things, *([passing] if step < 160 else []))
    assert {count.time for count in man.counts} == {MINUTES[0]}, "the second minute is not over"
    man.pass_until(man.time + 40 * SECOND)
    assert {count.time for count in man.counts} == {MINUTES[0]}, "a frame may be ten seconds late"
    man.pass_until(man.time + 20 * SECOND)
    found = {(c.time, c.zone, c.label): (c.tracks, c.peak) for c in man.counts}
    assert found == {
        (MINUTES[0], "", "car"): (2, 1),
        (MINUTES[0], "", "person"): (2, 2),
        (MINUTES[0], "zone", "car"): (2, 1),
        (MINUTES[0], "zone", "person"): (1, 1),
        (MINUTES[1], "", "person"): (2, 2),
        (MINUTES[1], "zone", "person"): (1, 1),
    }
    assert {count.period for count in man.counts} == {MINUTE}
    assert len(found) == len(man.counts)
