"""Bytes that are not what they should be give an error or a dead letter, never a crash.

The compiled module is fed in processes of its own, so that a segmentation fault fails a test.
"""

import ctypes
import json
import logging
import os
import subprocess
import sys
import traceback
from collections import defaultdict
from collections.abc import Callable
from signal import SIGSEGV
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.labels import CLASSES
from streams.cameras import _frame, tracking
from streams.events import SECOND, Tick, encode
from streams.rules.camera import Camera
from streams.runtime.partition import Partition, SnapshotError
from streams.stages.interpret import Interpret
from tests.support.watchman import FRAME, START, Watchman, at, camera, detections, rule, zone

KINDS = len(CLASSES)
FUNCTIONS = ("in_order", "follow", "step", "inside", "meant", "hidden", "earliest", "tally")
PARTS = (*FUNCTIONS, "film", "snapshots")
"""What is fuzzed, each in a process of its own."""
LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
WORDS = (
    *(np.int32(each).tobytes() for each in (-(2**31), -2, -1, 0, 1, len(CLASSES), 2**31 - 1)),
    *(np.int64(each).tobytes() for each in (-(2**63), -1, 2**61, 2**62, 2**63 - 1)),
    *(np.float32(each).tobytes() for each in (np.nan, np.inf, -np.inf, 3e38, -3e38)),
)
NUMBERS = (-(2**63) - 1, -(2**63), -(2**31), -1, 0, 1, 30, 31, 32, 2**31 - 1, 2**61, 2**63 - 1)
FEW, MANY = 50, 240
"""Examples of each, and with ``--slow``."""
quickly = settings(
    max_examples=int(sys.argv[1]) if __name__ == "__main__" else FEW, deadline=None, database=None
)


def watch() -> tuple[dict[str, list[tuple[Any, ...]]], list[bytes]]:
    """What a camera's good frames ask of each function, and the snapshots between them."""
    calls: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    originals = {name: getattr(_frame, name) for name in FUNCTIONS}

    def noted(name: str) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            calls[name].append(given)
            return originals[name](*given)

        return call

    parameters = {"dwell_seconds": 1, "clear_seconds": 1}
    watchman = Watchman(
        camera(),
        zone(),
        zone("left", polygon=LEFT),
        rule("stopped_vehicle", parameters=parameters),
        rule("crowd", parameters={"count": 2, "hold_seconds": 1, "clear_seconds": 1}),
    )
    snapshots = []
    for name in FUNCTIONS:
        setattr(_frame, name, noted(name))
    for step in range(40):
        left = 8 if step < 36 else 40  # in the end they are hidden, or gone
        standing = [at(CLASSES[n % 5], 60 * n, 200) for n in range(step // left)]
        watchman.see(*standing, at("car", 20 + 10 * step, 300))
        snapshots.append(watchman.partition.encode())
    for name in FUNCTIONS:
        setattr(_frame, name, originals[name])
    assert not watchman.partition.counts["dead_lettered"]
    return calls, snapshots


@st.composite
def damaged(draw: st.DrawFn, good: bytes, other: bytes) -> bytes:
    """Bytes as stored, of another time, cut, longer, changed at one word, or random."""
    how = draw(st.sampled_from(("good", "other", "cut", "longer", "changed", "random")))
    if how == "cut":
        return good[: draw(st.integers(0, len(good)))]
    if how == "longer":
        return good + draw(st.binary(min_size=1, max_size=64))
    if how == "changed" and good:
        word = draw(st.sampled_from(WORDS))
        place = draw(st.integers(0, len(good) // len(word))) * len(word)
        return (good[:place] + word + good[place + len(word) :])[: len(good)]
    if how == "random":
        size = draw(st.sampled_from((len(good), len(good) // 2, 2 * len(good))))
        return draw(st.binary(min_size=size, max_size=size))
    return other if how == "other" else good


def argument(good: Any, other: Any) -> st.SearchStrategy[Any]:
    if isinstance(good, bytes):
        return st.one_of(st.just(good), damaged(good, other))
    if isinstance(good, tuple):
        each = st.one_of(*(damaged(area, b"") for area in good), st.sampled_from(good))
        return st.one_of(st.just(good), st.lists(each, max_size=40).map(tuple))
    return st.sampled_from((good, good, other, None, *NUMBERS))


def fuzz_function(function: Callable[..., Any], known: list[tuple[Any, ...]]) -> None:
    """Bytes of any kind are computed with, or refused."""

    @quickly
    @given(st.data())
    def feed(data: st.DataObject) -> None:
        good, other = (data.draw(st.sampled_from(known)) for _ in range(2))
        given = [data.draw(argument(*pair)) for pair in zip(good, other, strict=True)]
        try:
            function(*given)
        except (ValueError, OverflowError):
            pass
        except TypeError:
            assert None in given

    feed()


corner = st.sampled_from((-(2**31), -1, 0, 1, 500, 2000, 2**31 - 1)) | st.integers(-4000, 4000)
boxes = st.lists(st.tuples(*[corner] * 4), max_size=8)
pauses = st.sampled_from((1, FRAME, 2 * SECOND))


@quickly
@given(st.lists(st.tuples(pauses, boxes), max_size=8))
def fuzz_film(film: list[tuple[int, list[tuple[int, ...]]]]) -> None:
    """Whatever boxes a frame shows, the state after it is one that the next frame accepts."""
    tracks = tracking.EMPTY
    time = START
    for pause, shown in film:
        time += pause
        ordered = [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in shown]
        packed = np.array(ordered, np.int32).tobytes()
        scores = np.full(len(shown), 900, np.uint16).tobytes()
        tracks = tracking.follow(tracks, time, packed, bytes([2]) * len(shown), scores).tracks


def fuzz_snapshots(snapshots: list[bytes]) -> None:
    """A damaged snapshot is refused, or its frames are dead letters, or all goes on."""
    stage = Interpret(1)
    things = [at("car", 100, 300), at("bus", 200, 200), at("person", 200, 200)]
    event = detections(START + 60 * FRAME, things)

    def go_on(partition: Partition, event: Any) -> None:
        for each in (event, Tick(START + 70 * SECOND), event):
            outcome = partition.take(partition.next_offset, each, None, lambda: encode(event))
            partition.apply(partition.next_offset, None, outcome)

    @quickly
    @given(st.data())
    def feed_bytes(data: st.DataObject) -> None:
        good, other = (data.draw(st.sampled_from(snapshots)) for _ in range(2))
        try:
            partition = Partition.decode(stage, 0, 1, data.draw(damaged(good, other)))
        except SnapshotError:
            return
        go_on(partition, event)

    @quickly
    @given(st.data())
    def feed_states(data: st.DataObject) -> None:
        good, other = (
            Partition.decode(stage, 0, 1, data.draw(st.sampled_from(snapshots))) for _ in range(2)
        )
        state, past = good.states["cam"], other.states["cam"]
        assert isinstance(state, Camera)
        parts = {
            name: data.draw(argument(getattr(state.tracks, name), getattr(past.tracks, name)))
            for name in ("time", "next_id", "motion", "facts", "times", "gaps")
        }
        numbers = data.draw(damaged(state.tally.numbers, past.tally.numbers))
        replace = msgspec.structs.replace
        if None not in parts.values():
            tracks = tracking.Tracks(**parts)
            try:
                tally = replace(state.tally, numbers=numbers)
            except ValueError:  # of another size: refused before a frame meets it
                tally = state.tally
            good.states["cam"] = replace(state, tracks=tracks, tally=tally)
        seen = {
            name: data.draw(damaged(getattr(event, name), b""))
            for name in ("boxes", "classes", "scores")
        }
        go_on(good, replace(event, **seen))

    feed_bytes()
    feed_states()


def named(value: Any) -> str | None:
    """Within a test's id: bytes by their number."""
    parts = value if isinstance(value, tuple) else (value,)
    if all(isinstance(part, bytes) for part in parts):
        return f"{sum(map(len, parts))} bytes"
    return None


class Ended(NamedTuple):
    """How each part's process did, and what they all said."""

    codes: dict[str, int]
    said: str


@pytest.fixture(scope="module")
def ended(request: pytest.FixtureRequest) -> Ended:
    examples = str(MANY if request.config.getoption("--slow") else FEW)
    command = [sys.executable, "-X", "faulthandler", "-m", __name__, examples, "die", *PARTS]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Ended(json.loads(done.stdout), done.stderr)


@pytest.mark.parametrize("part", PARTS)
def test_bytes_of_any_kind_are_refused_or_computed_with(part: str, ended: Ended) -> None:
    assert ended.codes[part] == 0, ended.said[-8000:]


def test_the_death_of_the_process_is_noticed(ended: Ended) -> None:
    assert ended.codes["die"] == -SIGSEGV
    assert "Segmentation fault" in ended.said


@pytest.mark.parametrize(
    ("name", "place", "wrong", "reason"),
    [
        ("in_order", 0, bytes(15), "boxes"),
        ("follow", 2, 2**31, "ids"),
        ("follow", 3, np.full(10, np.nan, np.float32).tobytes(), "finite"),
        ("follow", 4, np.array([1, KINDS, 0, 1, 0], np.int32).tobytes(), "vocabulary"),
        ("follow", 4, np.array([2, 0, 0, 1, 0], np.int32).tobytes(), "given yet"),
        ("follow", 4, np.array([1, 0, 0, -1, 0], np.int32).tobytes(), "never detected"),
        ("follow", 4, np.array([1, 0, -1, 1, 0], np.int32).tobytes(), "votes"),
        ("follow", 5, np.array([1, 2**62, 1], np.int64).tobytes(), "out of all time"),
        ("follow", 5, np.array([1, -(2**63), 1], np.int64).tobytes(), "out of all time"),
        ("follow", 6, np.arange(6, dtype=np.int64).tobytes(), "gaps"),
        ("follow", 8, bytes([KINDS]), "vocabulary"),
        ("step", 0, bytes(8), "gap"),
        ("step", 0, bytes(9), "half a one"),
        ("hidden", 1, bytes(2), "length"),
        ("inside", 1, (bytes(17),), "half a corner"),
        ("inside", 1, (np.array([0, 2**40], np.int64).tobytes(),), "bounds"),
        ("meant", 3, 1, "zone"),
        ("meant", 3, 2**63 - 1, "zone"),
        ("meant", 3, -1, "zone"),
        ("meant", 4, bytes(KINDS - 1), "vocabulary"),
        ("earliest", 1, bytes(1), "chosen"),
        ("earliest", 1, bytes(2), "length"),
        ("tally", 1, np.array([-2], np.int32).tobytes(), "match"),
        ("tally", 2, b"", "zone"),
        ("tally", 3, 31, "tallied"),
        ("tally", 4, bytes(16 * KINDS - 1), "numbers"),
        ("tally", 4, np.full(4 * KINDS, 2**31 - 1, np.int32).tobytes(), "number"),
    ],
    ids=named,
)
def test_what_is_wrong_is_told(name: str, place: int, wrong: Any, reason: str) -> None:
    motion, facts = bytes(40), np.array([1, 0, 0, 3, 0], np.int32).tobytes()
    times, gaps = np.array([1, 1, 1], np.int64).tobytes(), np.array([1, 1], np.int64).tobytes()
    good: dict[str, list[Any]] = {
        "in_order": [bytes(16)],
        "follow": [2, 1, 2, motion, facts, times, gaps, bytes(16), bytes(1), bytes(2)],
        "step": [gaps],
        "inside": [motion, (bytes(48),), 10, 10],
        "meant": [facts, times, bytes(1), 0, bytes(KINDS), 0, 0],
        "hidden": [times, b"\1", 2],
        "earliest": [times, b"\1"],
        "tally": [facts, bytes(4), bytes(1), 1, bytes(16 * KINDS), False],
    }
    arguments = good[name]
    function = getattr(_frame, name)
    function(*arguments)
    arguments[place] = wrong
    with pytest.raises(ValueError, match=reason):
        function(*arguments)


def fuzz(part: str, asked: dict[str, list[tuple[Any, ...]]], stored: list[bytes]) -> None:
    match part:
        case "die":
            ctypes.string_at(0)
        case "film":
            fuzz_film()
        case "snapshots":
            fuzz_snapshots(stored)
        case name:
            fuzz_function(getattr(_frame, name), asked[name])


def forked(part: str, asked: dict[str, list[tuple[Any, ...]]], stored: list[bytes]) -> int:
    """Fuzzes it in a process of its own, which need not import anything; its exit code."""
    if pid := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    try:
        fuzz(part, asked, stored)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    logging.disable()
    seen = watch()
    print(json.dumps({part: forked(part, *seen) for part in sys.argv[2:]}))
