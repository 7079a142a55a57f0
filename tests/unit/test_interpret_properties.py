"""What holds of the interpret stage whatever the city does."""

from collections import defaultdict
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.labels import CLASSES
from streams.events import (
    SECOND,
    ControlChange,
    Counts,
    Event,
    Incident,
    Removed,
    Tick,
    Watermark,
    encode,
)
from streams.runtime.partition import Partition
from streams.stages.interpret import Interpret
from tests.support.watchman import FRAME, START, Thing, at, camera, detections, rule, zone

LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
RULES = (
    rule("stopped_vehicle", parameters={"dwell_seconds": 2, "clear_seconds": 1}),
    rule("crowd", parameters={"count": 2, "hold_seconds": 1, "clear_seconds": 1}),
    rule("intrusion", parameters={"dwell_seconds": 1, "clear_seconds": 1}),
    rule("silence", parameters={"silence_seconds": 2}),
)
CAMERAS = ("cam-a", "cam-b", "cam-c")

things = st.lists(
    st.builds(
        at,
        st.sampled_from(CLASSES),
        st.integers(20, 620),
        st.integers(60, 350),
        st.sampled_from([12, 40, 120]),
        st.sampled_from([20, 50, 90]),
    ),
    max_size=6,
)


def footage(camera: str, shown: list[tuple[int, list[Thing]]], steps: int = 4) -> list[Event]:
    """Each scene stays for a few frames, so that tracks and incidents come of it."""
    time, frames = START, []
    for pause, scene in shown:
        for _ in range(steps):
            time += FRAME * pause
            frames.append(detections(time, scene, camera=camera))
    return frames


CROWD = [*[at("person", 20, 60, 12, 20)] * 5, at("two-wheeler", 20, 60, 12, 20)]
LOST_AND_SEEN_AGAIN: list[tuple[int, list[Thing]]] = [(20, CROWD), (20, []), (1, CROWD), (4, [])]
"""Of what is proven here it is not known for a while whether it lasts."""
shows = st.lists(st.tuples(st.sampled_from([1, 1, 1, 4, 20]), things), min_size=1, max_size=12)


def configuration() -> list[Event]:
    changes: list[Any] = []
    for name in CAMERAS:
        changes += [camera(name), zone(f"{name}-zone", name), zone(f"{name}-left", name, LEFT)]
    changes += RULES
    return [ControlChange(number, START, change) for number, change in enumerate(changes, 1)]


def with_ticks(events: list[Event]) -> list[Event]:
    ticked: list[Event] = []
    last = START
    for event in events:
        while last + SECOND <= event.time:  # type: ignore[union-attr]
            last += SECOND
            ticked.append(Tick(last))
        ticked.append(event)
    return ticked


def run(
    events: list[Event], cuts: frozenset[int] = frozenset(), *, refused: bool = False
) -> list[list[Any]]:
    """What is said to each event; at a cut the stage goes on from its stored form.

    Args:
        refused: whether events may be dead-lettered, as frames of a camera that is gone.
    """
    partition = Partition(Interpret(1), 0, 1)
    said = []
    for offset, event in enumerate(events):
        if offset in cuts:
            partition = Partition.decode(Interpret(1), 0, 1, partition.encode())
        outcome = partition.take(offset, event, None, lambda event=event: encode(event))  # type: ignore[misc]
        partition.apply(offset, None, outcome)
        said.append([(out.topic, out.partition, out.mark, out.event) for out in outcome.outputs])
    assert refused or not partition.counts["dead_lettered"]
    return said


def by_camera(said: list[list[Any]]) -> dict[str, list[Any]]:
    found = defaultdict(list)
    for outputs in said:
        for _, _, _, event in outputs:
            if isinstance(event, Incident):
                found[event.sources[0]].append(event)
            elif isinstance(event, Counts):
                found[event.camera].append(event)
    return found


@given(shows, st.frozensets(st.integers(0, 80), max_size=5))
@settings(max_examples=40, deadline=None)
def test_from_any_cut_the_stored_state_says_the_same(
    shown: list[Any], cuts: frozenset[int]
) -> None:
    events = configuration() + with_ticks(footage("cam-a", shown))
    assert run(events) == run(events, cuts)


pauses = st.lists(
    st.tuples(st.sampled_from(CAMERAS), st.sampled_from([1, 3, 9, 40, 400])),
    min_size=1,
    max_size=25,
)


@given(pauses, st.lists(st.integers(0, 24), max_size=3))
@settings(max_examples=40, deadline=None)
def test_a_tick_misses_no_camera_although_it_looks_at_few(
    told: list[tuple[str, int]], changed: list[int]
) -> None:
    """A new stage at every event looks at all of them with every tick."""
    time, frames = START, []
    for number, (name, pause) in enumerate(told):
        time += FRAME * pause
        frames.append(detections(time, [at("car", 100, 100)], camera=name))
        if number in changed:
            again = rule("silence", parameters={"silence_seconds": 2 + number % 3})
            frames.append(ControlChange(100 + number, time, again))
    events = configuration() + with_ticks(
        [*frames, detections(time + 90 * SECOND, [], camera="cam-a")]
    )
    looked = run(events)
    assert looked == run(events, frozenset(range(len(events))))
    assert any(isinstance(event, Incident) for outputs in looked for *_, event in outputs)


@given(st.lists(shows, min_size=3, max_size=3), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_what_a_camera_says_does_not_depend_on_its_neighbours(
    films: list[list[Any]], random: Any
) -> None:
    alone = {name: footage(name, film) for name, film in zip(CAMERAS, films, strict=True)}
    left = {name: list(frames) for name, frames in alone.items()}
    mixed: list[Event] = []
    while left:
        name = random.choice(sorted(left))
        mixed.append(left[name].pop(0))
        if not left[name]:
            del left[name]
    together = by_camera(run(configuration() + mixed))
    for name, frames in alone.items():
        assert together[name] == by_camera(run(configuration() + list(frames)))[name]


@example(LOST_AND_SEEN_AGAIN)
@given(shows)
@settings(max_examples=40, deadline=None)
def test_incidents_are_announced_once_and_ended_at_most_once(shown: list[Any]) -> None:
    events = configuration() + with_ticks(footage("cam-a", shown))
    told: dict[str, list[Incident]] = defaultdict(list)
    open_at: dict[tuple[str, str, str], str] = {}
    mark = 0
    for outputs in run(events):
        for _, _, _, event in outputs:
            if isinstance(event, Watermark):
                mark = event.time
            if not isinstance(event, Incident):
                continue
            told[event.id].append(event)
            assert event.decided_at >= mark, "a watermark is a promise"
            assert event.start <= event.decided_at
            place = (event.sources[0], event.rule, event.zone)
            if event.revision == 0:
                assert place not in open_at, "one incident at a time in one place"
                open_at[place] = event.id
            assert open_at[place] == event.id
            if event.end is not None:
                del open_at[place]
    for revisions in told.values():
        assert_is_one_life(revisions)


def assert_is_one_life(revisions: list[Incident]) -> None:
    """Announced, then perhaps not known for a while and known again, then perhaps ended."""
    assert [incident.revision for incident in revisions] == list(range(len(revisions)))
    assert revisions[0].unknown_since is None
    for first, second in pairwise(revisions):
        assert second.decided_at > first.decided_at
        assert first.end is None, "nothing is said of what has ended"
        if second.end is None:
            assert second.unknown_since != first.unknown_since
        else:
            assert first.start <= second.end <= second.decided_at


CHANGES = (
    *RULES,
    *(Removed("rule", each.id) for each in RULES),
    rule("stopped_vehicle", parameters={"dwell_seconds": 3, "clear_seconds": 1}),
    rule("silence", parameters={"silence_seconds": 3}),
    Removed("zone", "cam-a-zone"),
    zone("cam-a-zone", "cam-a", LEFT),
    Removed("source", "cam-a"),
    camera("cam-a"),
)


@given(
    st.lists(st.tuples(st.sampled_from([1, 1, 4, 20]), things), min_size=2, max_size=4),
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from(CHANGES)), min_size=1, max_size=8),
)
@settings(max_examples=60, deadline=None)
def test_an_incident_that_a_change_ended_is_never_announced_again(
    shown: list[Any], changes: list[tuple[int, Any]]
) -> None:
    events = configuration()
    number = len(events)
    parked = at("car", 200, 200)
    film = with_ticks(footage("cam-a", [(n, [*seen, parked]) for n, seen in shown], steps=25))
    for n, event in enumerate(film):
        for place, change in changes:
            if place % len(film) == n:
                number += 1
                events.append(ControlChange(number, START, change))
        events.append(event)
    told: dict[str, list[int]] = defaultdict(list)
    for outputs in run(events, refused=True):
        for _, _, _, event in outputs:
            if isinstance(event, Incident):
                told[event.id].append(event.revision)
    for revisions in told.values():
        assert revisions == list(range(len(revisions)))


@example(LOST_AND_SEEN_AGAIN, 1)
@given(shows, st.integers(1, 10))
@settings(max_examples=25, deadline=None)
def test_removing_a_camera_leaves_nothing_open(shown: list[Any], later: int) -> None:
    events = configuration() + with_ticks(footage("cam-a", shown))
    number = len(configuration())
    events += [ControlChange(number + 1, START, Removed("source", "cam-a"))]
    events += [Tick(START + 1000 * SECOND + later * SECOND)]
    told: dict[str, list[Incident]] = defaultdict(list)
    for outputs in run(events):
        for _, _, _, event in outputs:
            if isinstance(event, Incident) and event.sources == ("cam-a",):
                told[event.id].append(event)
    for revisions in told.values():
        assert_is_one_life(revisions)
        assert revisions[-1].end is not None


@given(st.lists(things, min_size=1, max_size=30), st.integers(0, 2**31))
@settings(max_examples=30, deadline=None)
def test_the_order_of_a_frames_detections_does_not_decide_who_is_there(
    scenes: list[list[Thing]], seed: int
) -> None:
    """Ids may differ, what is counted may not, as long as no two boxes are alike."""
    rng = np.random.default_rng(seed)
    spread = [
        [at(label, 60 + 120 * n, 200, 30, 30) for n, (label, *_) in enumerate(scene[:5])]
        for scene in scenes
    ]
    shuffled = [[scene[n] for n in rng.permutation(len(scene))] for scene in spread]
    counts = []
    for film in (spread, shuffled):
        frames = [
            detections(START + FRAME * n, scene, camera="cam-a") for n, scene in enumerate(film, 1)
        ]
        said = run([*configuration(), *frames, Tick(START + 300 * SECOND)])
        counts.append([event for event in by_camera(said)["cam-a"] if isinstance(event, Counts)])
    assert counts[0] == counts[1]
