"""What never moved and never came in: learned, hidden from who asks for life, never from others."""

from collections.abc import Sequence
from itertools import count
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.cameras import scenery, tracking
from streams.cameras.scenery import (
    CAME,
    EVERY,
    FORGOTTEN,
    LEARNED,
    LEARNING,
    MOST_CELLS,
    MOST_SEEN,
    SAID_AGAIN,
    alike,
)
from streams.events import (
    HOUR,
    MINUTE,
    SECOND,
    Detections,
    Mask,
    Micros,
    Removed,
    Scenery,
    SceneryVerdict,
)
from tests.support.watchman import (
    FRAME,
    HEIGHT,
    START,
    WIDTH,
    Thing,
    Watchman,
    at,
    camera,
    detections,
    rule,
    zone,
)

SIGN = at("person", 300, 200)
CAR = at("car", 500, 300)
A_WHILE = (LEARNING + 20 * SECOND) // FRAME


def man(*kinds: str, **fields: Any) -> Watchman:
    return Watchman(camera(), zone(), *(rule(kind, **fields) for kind in kinds))


def learned(found: Sequence[Any]) -> list[tuple[str, bool]]:
    return [(one.group, one.learned) for one in found if isinstance(one, Scenery)]


def test_a_sign_is_an_intruder_no_longer_than_it_takes_to_learn_it() -> None:
    watchman = man("intrusion")
    for _ in range(10 * MINUTE // FRAME):
        watchman.see(SIGN)
    begun, over = watchman.incidents
    assert (begun.scenery, over.scenery) == (False, True)
    assert over.end is not None
    assert over.end - begun.start <= LEARNING + 2 * SECOND
    assert learned(watchman.said) == [("person", True)]


def test_it_is_not_counted_any_more() -> None:
    watchman = man()
    for _ in range((LEARNING + 5 * MINUTE) // FRAME):
        watchman.see(SIGN, CAR)
    minutes = {one.time for one in watchman.counts}
    assert max(minutes) - START <= LEARNING + 2 * MINUTE
    assert sorted(learned(watchman.said)) == [("person", True), ("vehicle", True)]


def test_four_signs_and_three_persons_are_no_crowd() -> None:
    watchman = man("crowd")
    signs = [at("person", 60 + 60 * number, 200) for number in range(5)]
    for _ in range(A_WHILE):
        watchman.see(*signs)
    assert [(one.revision, one.scenery) for one in watchman.incidents] == [(0, False), (1, True)]
    for step in range(3 * MINUTE // FRAME):
        walkers = [at("person", (step * 4 + 90 * n) % 600 + 20, 340) for n in range(3)]
        watchman.see(*signs, *walkers)
    assert len(watchman.incidents) == 2
    persons = [one for one in watchman.counts if one.label == "person"]
    assert persons[-1].peak == 3


def test_who_walks_in_and_stands_for_long_is_an_intruder_all_the_time() -> None:
    watchman = man("intrusion")
    for step in range(30):
        watchman.see(at("person", 20 + 8 * step, 200))
    for _ in range(15 * MINUTE // FRAME):
        watchman.see(at("person", 20 + 8 * 29, 200))
    assert [one.revision for one in watchman.incidents] == [0]
    assert learned(watchman.said) == []


def test_who_walked_in_is_none_either_where_their_track_breaks() -> None:
    """Somebody passes before them, and a detector misses them for a while."""
    watchman = man("intrusion")
    for step in range(30):
        watchman.see(at("person", 20 + 8 * step, 200))
    for second in range(8 * 60):
        shown = [] if second % 20 > 10 and second < 60 else [at("person", 20 + 8 * 29, 200)]
        for _ in range(5):
            watchman.see(*shown)
    ids = {one.subject for one in watchman.incidents}
    assert len(watchman.partition.states["cam"].tracks.facts)
    assert learned(watchman.said) == [], ids


@pytest.mark.parametrize("shown", [1, 2, 3])
def test_what_flickers_is_one_thing_in_one_place(shown: int) -> None:
    """Seen and lost again, each time as another track."""
    watchman = man()
    for second in count():
        for _ in range(5):
            watchman.see(*([SIGN] if second % 4 < shown else []))
        if learned(watchman.said):
            break
        assert second < 20 * LEARNING // SECOND
    assert len(watchman.partition.states["cam"].scenery.cells) == 1


def test_a_new_track_of_what_is_known_is_no_object_from_the_first_frame() -> None:
    watchman = man("intrusion")
    for _ in range(A_WHILE):
        watchman.see(SIGN)
    for _ in range(60 * SECOND // FRAME):
        watchman.see()
    before = len(watchman.incidents)
    for _ in range(60 * SECOND // FRAME):
        watchman.see(SIGN)
    assert len(watchman.incidents) == before
    assert watchman.counts[-1].time - START < LEARNING + 2 * MINUTE


def test_once_it_moves_it_is_an_object_and_its_place_is_forgotten() -> None:
    watchman = man("intrusion")
    for _ in range(A_WHILE):
        watchman.see(SIGN)
    before = len(watchman.incidents)
    for step in range(50):
        watchman.see(at("person", 300 + 4 * step, 200))
    assert len(watchman.incidents) == before + 1
    for _ in range(30 * SECOND // FRAME):
        watchman.see(at("person", 500, 200))
    assert learned(watchman.said)[-1] == ("person", False)
    assert [
        cell for cell in watchman.partition.states["cam"].scenery.cells.values() if cell.learned
    ] == []


def test_a_stopped_vehicle_is_found_although_it_has_always_stood_there() -> None:
    watchman = man("stopped_vehicle", parameters={"dwell_seconds": 20.0})
    for _ in range(10 * MINUTE // FRAME):
        watchman.see(CAR)
    assert [one.revision for one in watchman.incidents] == [0]
    assert learned(watchman.said) == [("vehicle", True)]
    longer = man("stopped_vehicle", parameters={"dwell_seconds": 300.0})
    for _ in range(10 * MINUTE // FRAME):
        longer.see(CAR)
    assert [one.revision for one in longer.incidents] == [0]


def verdict(thing: Thing, *, confirmed: bool, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Any:
    label, x0, y0, x1, y1 = thing
    group: Any = "person" if label == "person" else "vehicle"
    box = (x0 / size[0], y0 / size[1], x1 / size[0], y1 / size[1])
    return SceneryVerdict("ab12", "cam", group, box, confirmed=confirmed)


def test_what_an_engineer_confirms_is_hidden_from_every_kind() -> None:
    watchman = man("stopped_vehicle")
    for _ in range(MINUTE // FRAME):
        watchman.see(CAR)
    assert [one.revision for one in watchman.incidents] == [0]
    watchman.configure(verdict(CAR, confirmed=True))
    for _ in range(MINUTE // FRAME):
        watchman.see(CAR)
    assert [(one.revision, one.scenery) for one in watchman.incidents] == [(0, False), (1, True)]
    watchman.configure(Removed("scenery", "ab12"))
    for _ in range(MINUTE // FRAME):
        watchman.see(CAR)
    assert [one.revision for one in watchman.incidents] == [0, 1, 0]


def test_what_an_engineer_denies_is_never_learned() -> None:
    watchman = man("intrusion")
    for _ in range(A_WHILE):
        watchman.see(SIGN)
    watchman.configure(verdict(SIGN, confirmed=False))
    for _ in range(10 * MINUTE // FRAME):
        watchman.see(SIGN)
    assert [one.revision for one in watchman.incidents] == [0, 1, 0]
    assert learned(watchman.said) == [("person", True), ("person", False)]
    watchman.configure(Removed("scenery", "ab12"))
    for _ in range(10 * MINUTE // FRAME):
        watchman.see(SIGN)
    assert [one.revision for one in watchman.incidents] == [0, 1, 0, 1], "it is learned again"


def test_a_verdict_stays_where_pictures_are_of_another_size() -> None:
    watchman = man("stopped_vehicle")
    watchman.configure(verdict(CAR, confirmed=True))
    label, *corners = CAR
    twice = (label, *(2 * corner for corner in corners))
    for _ in range(MINUTE // FRAME):
        watchman.see(twice, size=(2 * WIDTH, 2 * HEIGHT))
    assert watchman.incidents == []


@pytest.mark.parametrize("changed", ["size", "model"])
def test_another_size_or_model_begins_anew(changed: str) -> None:
    watchman = man("intrusion")
    for _ in range(A_WHILE):
        watchman.see(SIGN)
    watchman.said.clear()
    for _ in range(30 * SECOND // FRAME):
        time = watchman.time + FRAME
        watchman.pass_until(time)
        frame = detections(time, [SIGN], size=(WIDTH, HEIGHT))
        other = {"size": {"width": WIDTH + 2}, "model": {"model": "another@1"}}[changed]
        watchman.send(msgspec.structs.replace(frame, **other))
    said = [one for one in watchman.said if isinstance(one, Scenery)]
    assert [(one.id, one.learned) for one in said] == [("", False)]
    assert [one.revision for one in watchman.incidents] == [0]


def test_a_camera_that_goes_takes_what_it_has_learned_with_it() -> None:
    watchman = Watchman(camera())
    for _ in range(A_WHILE):
        watchman.see(SIGN)
    said = watchman.configure(Removed("source", "cam"))
    assert [(one.id, one.learned) for one in said if isinstance(one, Scenery)] == [("", False)]


def test_what_is_known_is_said_again_every_hour() -> None:
    watchman = Watchman(camera(period=5 * SECOND))
    for _ in range(3 * HOUR // (5 * SECOND)):
        watchman.see_at(watchman.time + 5 * SECOND, SIGN)
    told = [one for one in watchman.said if isinstance(one, Scenery)]
    assert {one.id for one in told} == {told[0].id}
    times = [one.time for one in told]
    assert len(times) in (3, 4)
    assert max(np.diff(times)) <= SAID_AGAIN + 5 * SECOND


@pytest.mark.parametrize("apart", [FRAME, SECOND, 5 * SECOND])
def test_at_any_rate_it_takes_as_long(apart: Micros) -> None:
    watchman = Watchman(camera(period=apart))
    while not learned(watchman.said):
        watchman.see_at(watchman.time + apart, SIGN)
    assert LEARNING <= watchman.time - START <= LEARNING + 4 * max(apart, EVERY)


def test_pictures_without_end_that_are_not_good_teach_nothing() -> None:
    watchman = Watchman(camera())
    for _ in range(2 * A_WHILE):
        watchman.see(verdict="dark")
    for _ in range(10):
        watchman.see(SIGN)
    (cell,) = watchman.partition.states["cam"].scenery.cells.values()
    assert cell.seen <= 6 * SECOND


def test_masked_is_what_has_its_foot_in_a_mask() -> None:
    watchman = man("intrusion", "stopped_vehicle")
    corner = ((0.4, 0.4), (1.0, 0.4), (1.0, 1.0), (0.4, 1.0))
    watchman.configure(Mask("m", "cam", corner))
    for _ in range(MINUTE // FRAME):
        watchman.see(SIGN, CAR)
    assert watchman.incidents == []
    assert not watchman.counts
    watchman.configure(Removed("mask", "m"))
    for _ in range(40 * SECOND // FRAME):
        watchman.see(SIGN, CAR)
    assert {one.kind for one in watchman.incidents} == {"intrusion", "stopped_vehicle"}


def test_evidence_shows_the_right_boxes_where_others_are_masked() -> None:
    watchman = man("intrusion")
    watchman.configure(Mask("m", "cam", ((0.4, 0.4), (1.0, 0.4), (1.0, 1.0), (0.4, 1.0))))
    intruder = at("person", 100, 100)
    for _ in range(50):
        watchman.see(SIGN, CAR, intruder)
    (incident,) = watchman.incidents
    (box,) = incident.evidence[0].boxes
    assert (box.x0, box.y0, box.x1, box.y1) == tuple(round(10 * c) for c in intruder[1:])


def test_a_worker_that_starts_again_goes_on_with_what_it_knew() -> None:
    straight, killed = man("intrusion"), man("intrusion")
    for number in range(2 * A_WHILE):
        things = [SIGN, CAR] if number < A_WHILE or number % 7 else []
        straight.see(*things)
        killed.see(*things)
        if number % 97 == 0:
            killed.restart()
    assert straight.said == killed.said
    assert straight.partition.encode() == killed.partition.encode()


def test_cameras_beside_it_decide_nothing() -> None:
    alone, beside = man("intrusion"), man("intrusion")
    beside.configure(camera("a"), camera("z"), zone("a-zone", "a"))
    for _ in range(A_WHILE):
        alone.see(SIGN, CAR)
        time = beside.time + FRAME
        beside.pass_until(time)
        beside.send(detections(time, [CAR], camera="z"))
        beside.send(detections(time, [SIGN, CAR]))
        beside.send(detections(time, [at("person", 100, 100)], camera="a"))
    states = [one.partition.states["cam"].scenery for one in (alone, beside)]
    assert states[0] == states[1]
    assert states[0].hidden


# --- for any cameras ---------------------------------------------------------------------------


Boxes = list[tuple[bool, int, int]]


@st.composite
def stories(draw: Any) -> list[Boxes]:
    """What is seen second by second: things that stand, flicker and wander."""
    things = draw(
        st.lists(
            st.tuples(
                st.booleans(),
                st.integers(0, 30),
                st.integers(0, 15),
                st.sampled_from([0, 0, 0, 1]),
                st.integers(1, 5),
            ),
            max_size=6,
        )
    )
    return [
        [
            (person, (x * 40 + moves * second * 25) % 1200, y * 40)
            for person, x, y, moves, shown in things
            if second % 5 < shown
        ]
        for second in range(draw(st.integers(1, 260)))
    ]


def frames(story: list[Boxes]) -> list[Detections]:
    return [
        detections(
            START + number * SECOND,
            [
                ("person" if person else "car", x, y, x + 30 - number % 2, y + 40)
                for person, x, y in shown
            ],
            size=(1280, 720),
        )
        for number, shown in enumerate(story, 1)
    ]


def learn(seen: list[Detections], *, stored: bool = False) -> tuple[scenery.Scenery, list[Any]]:
    tracks, known, told = tracking.EMPTY, scenery.BARE, []
    for event in seen:
        view = tracking.follow(tracks, event.time, event.boxes, event.classes, event.scores)
        tracks = view.tracks
        found = scenery.look(known, view, event, (), anew=False)
        known = found.scenery
        told += [*found.told, found.what]
        if stored:
            known = msgspec.msgpack.decode(msgspec.msgpack.encode(known), type=scenery.Scenery)
        assert len(known.cells) <= MOST_CELLS
        assert known.still.keys() >= known.hidden.keys()
        assert set(known.still) <= set(view.facts[tracking.ID].tolist())
        for cell in known.cells.values():
            assert 0 <= cell.seen <= MOST_SEEN
            assert cell.seen >= FORGOTTEN if cell.learned else cell.seen < LEARNING
    return known, told


@settings(max_examples=40, deadline=None)
@given(stories())
def test_it_is_a_function_of_what_was_seen_and_stored(story: list[Boxes]) -> None:
    seen = frames(story)
    assert learn(seen) == learn(seen, stored=True)


@settings(max_examples=40, deadline=None)
@given(stories(), st.randoms(use_true_random=False))
def test_the_order_of_boxes_in_a_frame_decides_nothing(story: list[Boxes], random: Any) -> None:
    def places(found: scenery.Scenery) -> list[Any]:
        return sorted((c.person, c.box, c.since, c.seen, c.learned) for c in found.cells.values())

    shuffled = [random.sample(shown, len(shown)) for shown in story]
    assert places(learn(frames(story))[0]) == places(learn(frames(shuffled))[0])


@settings(max_examples=40, deadline=None)
@given(stories())
def test_nothing_hides_that_was_not_seen_for_long_enough(story: list[Boxes]) -> None:
    seen = frames(story)
    _, told = learn(seen)
    first = next((n for n, one in enumerate(told) if isinstance(one, bytes) and any(one)), None)
    if first is not None:
        assert len(story) >= LEARNING // SECOND


corner = st.integers(-1000, 40_000)
boxes = st.tuples(corner, corner, st.integers(0, 4000), st.integers(0, 4000)).map(
    lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])
)


@given(boxes, st.integers(-2000, 2000), st.integers(-2000, 2000))
def test_a_box_is_alike_itself_wherever_both_are_moved(box: Any, x: int, y: int) -> None:
    moved = (box[0] + x, box[1] + y, box[2] + x, box[3] + y)
    assert alike(box, box)
    assert alike(box, moved) == alike(moved, box)


def test_of_more_places_than_are_kept_the_one_that_rests_on_least_goes() -> None:
    known, view = scenery.BARE, None
    tracks = tracking.EMPTY
    for second in range(1, LEARNING // SECOND + 40):
        things = [at("person", 30 + 50 * (n % 12), 40 + 40 * (n // 12)) for n in range(60)]
        more = (
            [at("car", 20 + 60 * n, 355) for n in range(10)]
            if second > LEARNING // SECOND + 10
            else []
        )
        event = detections(START + second * SECOND, [*things, *more])
        view = tracking.follow(tracks, event.time, event.boxes, event.classes, event.scores)
        tracks = view.tracks
        known = scenery.look(known, view, event, (), anew=False).scenery
    assert len(known.cells) == MOST_CELLS
    assert sum(cell.learned for cell in known.cells.values()) == 60
    assert list(known.hidden.values()).count(LEARNED) == 60


def test_a_full_camera_takes_a_few_kilobytes() -> None:
    """Of a thousand such cameras: a snapshot holds 64 places each."""
    cell = scenery.Cell(
        True, (100_000, 100_000, 100_000, 100_000), START, START, MOST_SEEN, START, learned=True
    )
    cells = dict.fromkeys(range(10**6, 10**6 + MOST_CELLS), cell)
    still = {2**31 - n: scenery.Still(True, cell.box, 10**6 + n) for n in range(MOST_CELLS)}
    full = scenery.Scenery("a@1", START, START, 2**31, 10**9, still, cells, dict.fromkeys(still, 1))
    size = 1000 * len(msgspec.msgpack.encode(full))
    assert size < 10_000_000
    assert CAME > LEARNING
