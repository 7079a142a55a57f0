"""A camera whose pictures change their size begins to follow anew, in the same zones."""

import pytest

from streams.events import MINUTE, SECOND, Counts
from streams.rules.camera import Camera
from tests.support.watchman import FRAME, Thing, Watchman, camera, rule, zone

LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
SIZES = [(1280, 720), (640, 360), (640, 480), (360, 640), (1920, 1080)]

Size = tuple[int, int]


def standing(size: Size, across: float = 0.25) -> Thing:
    """A car whose foot is in the left half, at the same place of the picture in any size."""
    width, height = size
    return (
        "car",
        width * (across - 0.08),
        height * 0.5,
        width * (across + 0.08),
        height * 0.75,
    )


def watching() -> Watchman:
    return Watchman(camera(), zone(polygon=LEFT), rule("stopped_vehicle"))


def show(watchman: Watchman, size: Size, seconds: float, across: float = 0.25) -> None:
    for _ in range(round(seconds * SECOND / FRAME)):
        watchman.see(standing(size, across), size=size)


def ids(watchman: Watchman) -> list[int]:
    state = watchman.partition.states["cam"]
    assert isinstance(state, Camera)
    facts = memoryview(state.tracks.facts).cast("i")
    return list(facts[: len(facts) // 5])


PAIRS = [(a, b) for a in SIZES for b in SIZES if a != b]


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_tracks_begin_anew_and_zones_stay(before: Size, after: Size) -> None:
    watchman = watching()
    show(watchman, before, 15)
    known = ids(watchman)
    show(watchman, after, 15)
    assert watchman.incidents == []  # 15 s of either, and 20 s prove it
    assert len(known) == len(ids(watchman)) == 1
    assert ids(watchman) != known
    show(watchman, after, 6)
    assert [(one.kind, one.zone) for one in watchman.incidents] == [("stopped_vehicle", "zone")]


@pytest.mark.parametrize("after", SIZES[1:])
def test_what_is_outside_of_the_zone_stays_outside(after: Size) -> None:
    watchman = watching()
    show(watchman, SIZES[0], 30, across=0.75)
    show(watchman, after, 30, across=0.75)
    assert watchman.incidents == []


def test_an_open_incident_lasts_where_somebody_still_stands_and_ends_where_nobody_does() -> None:
    """It is of the zone: who stands there after the change keeps it, as a queue would."""
    watchman = watching()
    show(watchman, SIZES[0], 30)
    show(watchman, SIZES[1], 40)
    assert [one.revision for one in watchman.incidents] == [0]
    show(watchman, SIZES[2], 20, across=0.75)
    assert [one.end is not None for one in watchman.incidents] == [False, True]


def test_a_size_that_goes_to_and_fro_never_makes_anybody_stand() -> None:
    watchman = watching()
    for _ in range(10):
        show(watchman, SIZES[0], 6)
        show(watchman, SIZES[2], 6)
    assert watchman.incidents == []


def test_control_without_a_change_it_stands() -> None:
    watchman = watching()
    show(watchman, SIZES[0], 30)
    assert len(watchman.incidents) == 1


def test_counts_go_on_in_the_same_minute() -> None:
    watchman = watching()
    watchman.pass_until(watchman.time // MINUTE * MINUTE + MINUTE)
    show(watchman, SIZES[0], 20)
    show(watchman, SIZES[1], 20)
    watchman.pass_until(watchman.time + 2 * MINUTE)
    counts = [one for one in watchman.said if isinstance(one, Counts) and one.zone == "zone"]
    assert [(one.label, one.tracks, one.peak) for one in counts] == [("car", 2, 1)]
