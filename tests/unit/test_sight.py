"""How near together a camera's pictures are, and why no nearer, as the stage says it."""

import pytest

from streams.cameras.sight import near_enough
from streams.events import HOUR, SECOND, Blindness, Micros, Removed, Sight, Tick, Verdict
from tests.support.watchman import Watchman, camera, detections


def said(watchman: Watchman) -> list[tuple[float, Blindness]]:
    """(Seconds apart, to a tenth, reason) of each change."""
    found = [event for event in watchman.said if isinstance(event, Sight)]
    return [(round(event.apart / SECOND, 1), event.reason) for event in found]


def newest(watchman: Watchman) -> Sight:
    return [event for event in watchman.said if isinstance(event, Sight)][-1]


def run(
    watchman: Watchman,
    seconds: float,
    every: float,
    *,
    verdicts: tuple[tuple[float, Verdict], ...] = ((1.0, "good"),),
    late: bool = False,
) -> None:
    """Pictures ``every`` so many seconds; verdicts in turn, each for so many seconds."""
    begin, end = watchman.time, watchman.time + round(seconds * SECOND)
    time, cycle = begin, sum(lasts for lasts, _ in verdicts)
    while (time := time + round(every * SECOND)) <= end:
        watchman.pass_until(time)
        at = ((time - begin) / SECOND) % cycle
        shown: Verdict = verdicts[0][1]
        for lasts, verdict in verdicts:
            shown = verdict
            if at < lasts:
                break
            at -= lasts
        watchman.send(detections(time, verdict=shown, late=late))
    watchman.pass_until(end)


def watching(fps: float = 5) -> Watchman:
    watchman = Watchman()
    watchman.send(Tick(watchman.time))
    watchman.configure(camera(period=round(SECOND / fps)))
    return watchman


@pytest.mark.parametrize("fps", [2, 5, 7, 15, 30])
def test_a_healthy_camera_is_said_to_be_well_once_and_nothing_more(fps: float) -> None:
    watchman = watching(fps)
    run(watchman, 300, 1 / fps)
    assert [reason for _, reason in said(watchman)] == [""]
    assert 0 < newest(watchman).apart <= SECOND // 2


@pytest.mark.parametrize(
    ("fps", "crowd", "stopped"),
    [(0.05, False, False), (0.15, False, False), (0.2, False, True), (0.5, False, True),
     (0.9, True, True), (1, True, True)],
)  # fmt: skip
def test_a_camera_that_is_to_send_few_pictures_is_sparse(
    fps: float, crowd: bool, stopped: bool
) -> None:
    watchman = watching(fps)
    run(watchman, 600, 1 / fps)
    found = said(watchman)
    assert len(found) == 1
    apart, reason = found[0]
    assert reason == "sparse"
    assert apart == pytest.approx(1 / fps, abs=0.11)
    assert near_enough(newest(watchman).apart, SECOND) is crowd
    assert near_enough(newest(watchman).apart, 5 * SECOND) is stopped


@pytest.mark.parametrize(("share", "tells"), [(0.1, False), (0.5, False), (0.95, True)])
def test_a_burst_of_shedding_is_told_and_its_end(share: float, tells: bool) -> None:
    """One in so many comes, as the gateway sheds: evenly."""
    watchman = watching()
    run(watchman, 60, 0.2)
    began = watchman.time
    run(watchman, 60, min(4.0, 0.2 / (1 - share)))
    ended = watchman.time
    run(watchman, 60, 0.2)
    reasons = [reason for _, reason in said(watchman)]
    assert reasons == (["", "missing", ""] if tells else [""])
    if tells:
        _, burst, after = (event for event in watchman.said if isinstance(event, Sight))
        assert abs(burst.time - began) <= 10 * SECOND
        assert abs(after.time - ended) <= 10 * SECOND
        assert not near_enough(burst.apart, SECOND)
        assert near_enough(burst.apart, 5 * SECOND)


def test_one_pause_changes_nothing() -> None:
    watchman = watching()
    run(watchman, 30, 0.2)
    watchman.pass_until(watchman.time + 3 * SECOND)
    run(watchman, 60, 0.2)
    assert [reason for _, reason in said(watchman)] == [""]


@pytest.mark.parametrize("verdict", ["dark", "frozen", "covered", "blinded", "damaged"])
def test_bad_pictures_are_named_and_their_end(verdict: Verdict) -> None:
    watchman = watching()
    run(watchman, 30, 0.2)
    last = watchman.time
    run(watchman, 60, 0.2, verdicts=((1.0, verdict),))
    assert newest(watchman).reason == verdict
    assert newest(watchman).apart == 0
    assert abs(newest(watchman).since - last) <= SECOND
    run(watchman, 60, 0.2)
    assert [reason for _, reason in said(watchman)] == ["", verdict, ""]


@pytest.mark.parametrize(
    ("good", "dark", "apart"), [(1, 3, 3.2), (2, 8, 8.2), (0.2, 2, 2.2), (1, 0.4, 0.0)]
)
def test_a_camera_that_shows_every_other_moment_is_told_by_the_gaps(
    good: float, dark: float, apart: float
) -> None:
    watchman = watching()
    run(watchman, 30, 0.2)
    run(watchman, 120, 0.2, verdicts=((good, "good"), (dark, "dark")))
    told = newest(watchman)
    assert told.reason == ("dark" if apart else "")
    if apart:
        assert told.apart / SECOND == pytest.approx(apart, abs=0.5)
        assert len(said(watchman)) <= 4


def test_a_camera_that_nobody_hears_of_has_none_since_its_last_picture() -> None:
    watchman = watching()
    run(watchman, 30, 0.2)
    last = watchman.time
    watchman.pass_until(last + 60 * SECOND)
    assert said(watchman)[1:] == [(0.0, "missing")]
    assert newest(watchman).since == last
    assert newest(watchman).told <= last + 30 * SECOND


def test_of_one_that_was_just_added_nothing_is_said_before_it_could_have_sent_anything() -> None:
    watchman = watching()
    began = watchman.time
    watchman.pass_until(began + 15 * SECOND)
    assert said(watchman) == []
    watchman.pass_until(began + 60 * SECOND)
    assert said(watchman) == [(0.0, "missing")]
    assert newest(watchman).since == began


def test_late_pictures_are_none() -> None:
    watchman = watching()
    run(watchman, 30, 0.2)
    run(watchman, 60, 0.2, late=True)
    assert said(watchman)[1:] == [(0.0, "missing")]


def test_it_is_said_again_in_every_hour_with_since_when() -> None:
    watchman = watching(1)
    run(watchman, 2.5 * HOUR / SECOND, 1)
    found = [event for event in watchman.said if isinstance(event, Sight)]
    assert len(found) in {3, 4}
    assert len({event.since for event in found}) == 1
    assert all(event.time % HOUR == 0 for event in found[1:])


def test_one_that_is_removed_is_no_camera_from_then_on() -> None:
    watchman = watching()
    run(watchman, 60, 0.2)
    watchman.configure(Removed("source", "cam"))
    assert newest(watchman).reason == "removed"
    watchman.pass_until(watchman.time + 60 * SECOND)
    assert newest(watchman).reason == "removed"


def test_it_is_the_same_after_a_restart_anywhere() -> None:
    def told(restart: Micros) -> list[tuple[float, Blindness]]:
        watchman = watching()
        run(watchman, 25, 0.2)
        for _ in range(3):
            run(watchman, restart / SECOND, 0.2, verdicts=((1.0, "good"), (3.0, "dark")))
            watchman.restart()
        return said(watchman)

    once = watching()
    run(once, 25, 0.2)
    for _ in range(3):
        run(once, 8, 0.2, verdicts=((1.0, "good"), (3.0, "dark")))
    assert told(8 * SECOND) == said(once)


def test_control_a_rule_needs_pictures_that_come() -> None:
    assert not near_enough(0, 5 * SECOND)
    assert near_enough(5 * SECOND, 5 * SECOND)
    assert not near_enough(7 * SECOND, 5 * SECOND)
