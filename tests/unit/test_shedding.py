from itertools import pairwise

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from streams.events import SECOND, Heartbeat
from streams.shedding import KEEP_AT_LEAST, Shedder, detect_lag

NOW = 1_800_000_000 * SECOND


def heartbeat(part: str, age: int, **reached: int) -> Heartbeat:
    sources = {name.replace("_", "/"): tick for name, tick in reached.items()}
    return Heartbeat(part, "1", 1, NOW - age, True, "", 0, {}, sources)


def beats(*heartbeats: Heartbeat) -> dict[str, Heartbeat]:
    return {beat.part: beat for beat in heartbeats}


@given(lag=st.integers(3, 100), frames=st.integers(100, 400), observed=st.integers(1, 60))
def test_every_camera_loses_its_share(lag: int, frames: int, observed: int) -> None:
    shedder = Shedder()
    for _ in range(observed):
        shedder.observe(lag * SECOND)
    cameras = [f"camera-{number}" for number in range(7)]
    kept = dict.fromkeys(cameras, 0)
    for frame in range(frames):
        for camera in cameras:
            kept[camera] += shedder.admit(camera, frame * SECOND // 10)
    assert shedder.keep_every == min(1 + observed, KEEP_AT_LEAST)
    assert max(kept.values()) - min(kept.values()) <= 1
    assert abs(kept["camera-0"] - frames / shedder.keep_every) <= 1
    assert shedder.shed == frames * len(cameras) - sum(kept.values())


def test_nothing_is_shed_while_detect_keeps_up() -> None:
    shedder = Shedder()
    for _ in range(100):
        shedder.observe(2 * SECOND)
        assert shedder.admit("camera-1", 0)
    assert shedder.shed == 0


def test_more_is_shed_until_the_lag_shrinks_and_less_once_it_is_gone() -> None:
    shedder = Shedder()
    seen = []
    for lag in (3.0, 5.0, 4.0, 3.0, 1.5, 0.5, 0.5, 0.5):
        shedder.observe(int(lag * SECOND))
        seen.append(shedder.keep_every)
    assert seen == [2, 3, 3, 3, 3, 2, 1, 1]


def test_a_slow_camera_never_looks_silent() -> None:
    shedder = Shedder()
    for _ in range(KEEP_AT_LEAST):
        shedder.observe(9 * SECOND)
    kept = [second for second in range(60) if shedder.admit("camera-1", second * SECOND)]
    gaps = [later - earlier for earlier, later in pairwise([0, *kept])]
    assert max(gaps) == 4
    assert shedder.shed == 60 - len(kept)


@given(
    steps=st.lists(st.tuples(st.integers(0, 9), st.integers(1, 7)), min_size=20, max_size=60),
    cameras=st.integers(2, 9),
)
def test_however_the_share_changes_every_camera_has_as_much(
    steps: list[tuple[int, int]], cameras: int
) -> None:
    shedder = Shedder()
    kept = {f"camera-{number}": 0 for number in range(cameras)}
    frame, due = 0, 0.0
    for lag, frames in steps:
        shedder.observe(lag * SECOND)
        for _ in range(frames):
            frame += 1
            due += 1 / shedder.keep_every
            for camera in kept:
                kept[camera] += shedder.admit(camera, frame * SECOND // 25)
    assert max(kept.values()) - min(kept.values()) <= 1
    assert abs(max(kept.values()) - due) <= 1


@given(room=st.integers(1, 5), cameras=st.integers(2, 8), lag=st.integers(0, 9))
def test_where_there_is_room_for_some_only_they_take_turns(
    room: int, cameras: int, lag: int
) -> None:
    """Cameras send one after the other, always in the same order: the first ones find room."""
    shedder = Shedder()
    kept: dict[str, list[int]] = {f"camera-{number}": [] for number in range(cameras)}
    shedder.observe(lag * SECOND)
    for frame in range(400):
        left = room
        for camera, times in kept.items():
            if shedder.admit(camera, frame * SECOND // 5, full=left == 0):
                left -= 1
                times.append(frame)
    numbers = [len(times) for times in kept.values()]
    assert max(numbers) - min(numbers) <= max(2, max(numbers) // 8)
    longest = max(b - a for times in kept.values() for a, b in pairwise([0, *times, 400]))
    assert longest <= 2 * shedder.keep_every + 2 * (cameras // room) + 2


def test_a_camera_that_stopped_sending_holds_no_other_up() -> None:
    shedder = Shedder()
    assert not shedder.admit("camera-1", 0, full=True)
    assert not shedder.admit("camera-2", SECOND)
    assert shedder.admit("camera-2", 4 * SECOND)


def test_an_unknown_lag_changes_nothing() -> None:
    shedder = Shedder()
    shedder.observe(3 * SECOND)
    shedder.observe(None)
    assert shedder.keep_every == 2


def test_the_lag_is_that_of_the_slowest_partition() -> None:
    gateway = heartbeat("gateway", SECOND)
    first = heartbeat("detect-1", SECOND, frames_0=NOW - 2 * SECOND, frames_1=NOW - 9 * SECOND)
    second = heartbeat("detect-2", 0, frames_2=NOW - SECOND)
    assert detect_lag(beats(gateway, first, second), NOW) == 8 * SECOND
    # the partition has moved to the other worker, which is up to date
    second = heartbeat("detect-2", 0, frames_1=NOW - SECOND, frames_2=NOW - SECOND)
    assert detect_lag(beats(gateway, first, second), NOW) == SECOND


def test_a_worker_that_fell_silent_lags_more_and_more() -> None:
    gateway = heartbeat("gateway", 0)
    silent = heartbeat("detect-1", 60 * SECOND, frames_0=NOW - 61 * SECOND)
    assert detect_lag(beats(gateway, silent), NOW) == 61 * SECOND


def test_the_lag_is_unknown_without_ticks_or_workers() -> None:
    worker = heartbeat("detect-1", 0, frames_0=NOW - 61 * SECOND)
    other = heartbeat("streams-1", 0, readings_0=NOW - 61 * SECOND)
    assert detect_lag(beats(worker), NOW) is None
    assert detect_lag(beats(worker, heartbeat("gateway", 20 * SECOND)), NOW) is None
    assert detect_lag(beats(other, heartbeat("gateway", 0)), NOW) is None


def test_a_clock_that_is_not_believed_is_no_lag() -> None:
    ahead = 40 * 86_400 * SECOND
    gateway = msgspec.structs.replace(heartbeat("gateway", 0), clock_ahead=ahead)
    worker = heartbeat("detect-1", 0, frames_0=NOW - ahead - SECOND)
    assert detect_lag(beats(gateway, worker), NOW) == SECOND
    assert detect_lag(beats(heartbeat("gateway", 0), worker), NOW) == ahead + SECOND
