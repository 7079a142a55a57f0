"""Recordings that begin where frames are left out: at any moment, after any checkpoints."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import msgspec
import numpy as np
import pytest
from hypothesis import Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from streams.cameras.gate import NEVER
from streams.events import (
    SECOND,
    BadMessage,
    Change,
    Checkpoint,
    ControlChange,
    Detections,
    Micros,
    Tick,
    Zone,
    new_frame,
)
from streams.pipeline import PATH
from streams.recordings import canonical, capture, path, rewind
from streams.recordings.folder import Index, Recording, State
from streams.recordings.rerun import Rerun
from streams.recordings.rerun import begin as begin_with
from streams.runtime.offline import Offline
from streams.runtime.partition import Outcome, Partition
from streams.settings import Settings
from streams.stage import Stage
from streams.stages.detect import Detect, LastFrame
from streams.topics import DETECTIONS, FRAMES, TICKED
from tests.support.kept import instead_of_kafka
from tests.support.watchman import FRAME, START, WHOLE, camera, rule
from tests.unit.test_gated_frames import HEIGHT, WIDTH, Bright, Film, picture

PARTITIONS = 2
SECONDS, AFTERWARDS = 24, 14
"""Of pictures; then only ticks, until nothing more can come that belongs to them."""
FILMS: dict[str, Film] = {
    "quiet": [((), 0), ((), 0), ((100,), 0), ((100,), 0), ((100,), 0), ((), 0)] * 2,
    "other": [((40,), 3), ((100,), 0), ((100,), 0), ((100, 200), 0), ((200,), 0), ((), 0)] * 2,
    "blind": [((100,), 0)] * 12,
}
"""By camera; two seconds of each scene."""
MODELS = {"quiet": "", "other": "bright@2", "blind": "absent@1"}
DARK, STILL, CUT = range(50, 60), range(85, 115), 70
"""Numbers of pictures without light, of those that are the same, and of one cut short."""
DWELL = {"dwell_seconds": 1.5, "clear_seconds": 1.0}

Snapshots = dict[tuple[str, int], list[Checkpoint]]


def stages() -> list[Stage]:
    models = {name: Bright(name.partition("@")[0]) for name in ("street_detector", "bright@2")}

    def detector(id: str) -> Bright:
        if id not in models:
            raise BadMessage("model_missing", id)
        return models[id]

    settings = Settings(partitions=PARTITIONS)
    later = [step.build(settings) for step in PATH if step.stage != Detect.name]
    return [Detect(detector, PARTITIONS), *later]  # type: ignore[arg-type]


def jpeg(name: str, number: int, places: Sequence[float]) -> bytes:
    if name == "quiet" and number in DARK:
        return bytes(cv2.imencode(".jpg", np.zeros((HEIGHT, WIDTH, 3), np.uint8))[1])
    if name == "other" and number in STILL:
        number, places = STILL.start, (100, 200)
    whole = picture(number, *places)
    return whole[:100] if name == "other" and number == CUT else whole


def changes() -> Iterator[Change]:
    for name, model in MODELS.items():
        yield msgspec.structs.replace(camera(name), model=model)
        yield Zone(f"{name}-zone", name, "Vùng", "Zone", WHOLE)
    yield rule("stopped_vehicle", parameters=DWELL)
    yield rule("intrusion", classes=("car",), parameters=DWELL)


@cache
def lived() -> tuple[Offline, Snapshots]:
    """A run, and what each stage knew after each of its messages."""
    offline, known = Offline(stages(), PARTITIONS), Snapshots()
    apply = Partition.apply

    def keeping(self: Partition, offset: int, *how: object) -> None:
        apply(self, offset, *how)  # type: ignore[arg-type]
        of = self.stage.name, self.stage.reads, self.number
        told = Checkpoint(*of, self.next_offset, self.tick, self.encode())
        known.setdefault((of[0], of[2]), []).append(told)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Partition, "apply", keeping)
        for sequence, change in enumerate(changes(), 1):
            offline.publish_everywhere(ControlChange(sequence, START, change))
        offline.publish_everywhere(Tick(START))
        for number in range(1, (SECONDS + AFTERWARDS) * 5 + 1):
            time = START + number * FRAME
            for name, film in FILMS.items():
                if number < SECONDS * 5:
                    places, speed = film[number // 10]
                    shown = [x + speed * (number % 10) for x in places]
                    # Now and then one comes after the tick that follows it.
                    taken = time - 1000 if number % 5 else time + 1000 * (number % 2)
                    frame = new_frame(name, taken, number, "simulated", jpeg(name, number, shown))
                    offline.publish(FRAMES, frame, name)
            if number % 5 == 0:
                offline.publish_everywhere(Tick(time))
            offline.drain()
    return offline, known


def recorded(
    offline: Offline, kept: list[Checkpoint], after: Micros, from_stage: str, folder: Path
) -> Index:
    with pytest.MonkeyPatch.context() as patch:
        instead_of_kafka(patch, offline, kept)
        settings = Settings(partitions=PARTITIONS, state_dir=folder, input_signatures="none")
        until = START + (SECONDS + 1) * SECOND
        return capture.record(settings, folder / "made", after, until, from_stage=from_stage)


def replayed(folder: Path, index: Index, states: list[State]) -> str:
    inputs = path.inputs(index.from_stage)
    wanted = [step.stage for step in path.steps(index.from_stage)]
    chosen = [stage for stage in stages() if stage.name in wanted]
    again = Rerun(begin_with(chosen, PARTITIONS, states, inputs))
    found = []
    for piece in Recording(folder / "made").slices():
        records = [record for record in piece.records if record[0] in inputs]
        found += again.feed(msgspec.structs.replace(piece, records=records))
    lines = canonical.log(found, index.after, index.until)
    return canonical.digest(lines, seen_by=index.seen_by)


def test_the_run_has_much_to_be_found_and_to_be_left_out() -> None:
    offline, _ = lived()
    seen = [each for each in offline.events(DETECTIONS) if isinstance(each, Detections)]
    assert sum(each.as_of > 0 for each in seen) > len(seen) / 3
    assert {each.verdict for each in seen} == {"good", "dark", "frozen"}
    assert {each.model for each in seen} == {"street_detector@1.0.0", "bright@1.0.0"}
    assert offline.counts["dead_lettered"] > 100


@st.composite
def checkpoints(draw: st.DrawFn) -> list[Checkpoint]:
    """Some of what could have been stored."""
    return [
        told[number]
        for _, told in sorted(lived()[1].items())
        for number in sorted(draw(st.sets(st.integers(0, len(told) - 1), max_size=6)))
    ]


BEGINS = st.integers(2 * SECOND, 16 * SECOND)
QUICKLY = (Phase.explicit, Phase.reuse, Phase.generate)
"""To shrink takes minutes, and shows no more."""


@examples(max_examples=8, phases=QUICKLY)
@given(BEGINS, checkpoints(), st.sampled_from(path.FROM))
def test_wherever_one_begins_it_gives_the_digest_of_the_live_run(
    begin: Micros, kept: list[Checkpoint], from_stage: str
) -> None:
    with TemporaryDirectory() as folder:
        index = recorded(lived()[0], kept, START + begin, from_stage, Path(folder))
        assert sum(index.kinds.values()) > 3
        states = Recording(Path(folder) / "made").states()
        assert replayed(Path(folder), index, states) == index.digest


@examples(max_examples=12, phases=QUICKLY)
@given(BEGINS, checkpoints())
def test_what_each_stage_knew_is_what_it_knew(begin: Micros, kept: list[Checkpoint]) -> None:
    offline, known = lived()
    settings, after = Settings(partitions=PARTITIONS, input_signatures="none"), START + begin
    steps = [step for step in path.steps(Detect.name) if step.reads in TICKED]
    with pytest.MonkeyPatch.context() as patch:
        instead_of_kafka(patch, offline, kept)
        asked = [path.knowing(settings, step) for step in steps]
        for partition in rewind.at_tick(settings, asked, after):
            live = known[partition.stage.name, partition.number]
            first = next(told for told in live if told.time >= after)
            then = rewind.decoded(partition.stage, PARTITIONS, first)
            for what in ("next_offset", "states", "marks", "counts"):
                assert getattr(partition, what) == getattr(then, what)


def test_control_without_what_the_gate_knew_the_digest_is_another(tmp_path: Path) -> None:
    """A moment after which an incident is due, in a stretch in which frames are left out."""
    begin = START + 6 * SECOND
    index = recorded(lived()[0], [], begin, "detect", tmp_path)
    states = Recording(tmp_path / "made").states()
    assert replayed(tmp_path, index, states) == index.digest
    forgotten = [_forgetful(state) if state.stage == Detect.name else state for state in states]
    assert replayed(tmp_path, index, forgotten) != index.digest


def _forgetful(state: State) -> State:
    partition = Partition.decode(stages()[0], state.partition, PARTITIONS, state.snapshot)
    changes = {
        name: msgspec.structs.replace(known, looked=NEVER)
        for name, known in partition.states.items()
        if isinstance(known, LastFrame)
    }
    partition.apply(partition.next_offset - 1, None, Outcome(changes, (), {}))
    return msgspec.structs.replace(state, snapshot=partition.encode())
