"""The detect stage: a pure function of one frame, one model and what the partition knows."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.detector import Fitted, Found
from models.registry import Registry
from streams.control import KEY
from streams.events import (
    DAY,
    SECOND,
    ActiveModel,
    BadMessage,
    ControlChange,
    Detections,
    Frame,
    FrameRef,
    Place,
    Removed,
    Source,
    Tick,
    Zone,
    decode,
    encode,
    new_frame,
    to_rfc3339,
)
from streams.feeds.registry import frame_lateness
from streams.stage import SAME_PARTITION, Output, Position, Result
from streams.stages.detect import Detect, Detectors, LastFrame
from streams.topics import DETECTIONS, FRAMES, partition_of

NOW = 1_800_000_000 * SECOND
AT = Position(FRAMES, 0, 1234)
CAMERA = Source("cam-1", "camera", "Cầu Đất", "Cau Dat", "simulated", Place(20.86, 106.68))


class Corner:
    """A detector that sees one car in the top left tenth of every picture."""

    def __init__(self, id: str) -> None:
        self.manifest = msgspec.structs.replace(Registry().find("street_detector"), name=id)

    def fit(self, image: np.ndarray) -> Fitted:
        return Fitted(np.zeros(0, np.float32), image.shape[1], image.shape[0])

    def find(self, picture: Fitted) -> Found:
        box = np.array([[0.0, 0.0, picture.width / 10, picture.height / 10]])
        return Found(box, np.array([2], np.uint8), np.array([0.871]))


class Partition:
    """The shell in miniature: keeps the states that steps return."""

    def __init__(self, detectors: Callable[[str], Any] = Corner) -> None:
        self.stage = Detect(detectors, 1)
        self.state: dict[str, Any] = {}
        self.sequence = 0

    def step(self, event: Any, at: Position = AT) -> Result:
        result = self.stage.step(self.state, event, at)
        self.state.update(result.changes)
        return result

    def announce(self, *changes: Any) -> "Partition":
        for change in changes:
            self.sequence += 1
            self.step(ControlChange(self.sequence, NOW, change))
        return self


def picture(width: int = 64, height: int = 48) -> bytes:
    image = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
    return cv2.imencode(".jpg", image)[1].tobytes()


def frame(time: int = NOW, camera: str = "cam-1", jpeg: bytes | None = None) -> Frame:
    return new_frame(camera, time, 7, "simulated", picture() if jpeg is None else jpeg)


def outcome(partition: Partition, event: Any) -> Any:
    try:
        return partition.stage.step(partition.state, event, AT)
    except BadMessage as bad:
        return bad.reason, bad.detail


@pytest.fixture
def partition() -> Partition:
    partition = Partition().announce(CAMERA)
    partition.step(Tick(NOW))
    return partition


def seen(result: Result) -> Detections:
    (output,) = result.outputs
    assert isinstance(output.event, Detections)
    return output.event


def refusal(partition: Partition, event: Any) -> str:
    before = dict(partition.state)
    with pytest.raises(BadMessage) as caught:
        partition.step(event)
    assert partition.state == before
    return caught.value.reason


def test_a_prepared_frame_gives_what_the_frame_gives(partition: Partition) -> None:
    event = frame()
    prepared = partition.stage.prepare(partition.state, event)
    assert type(prepared) is not Frame
    assert outcome(partition, prepared) == outcome(partition, event)


def test_what_is_wrong_with_a_prepared_frame_is_wrong_with_it_unprepared(
    partition: Partition,
) -> None:
    partition.announce(msgspec.structs.replace(CAMERA, id="gone-1", kind="of_no_feed"))
    partition.step(frame())
    for wrong in (frame(), frame(NOW + DAY), frame(NOW + SECOND, "gone-1")):
        prepared = partition.stage.prepare(partition.state, wrong)
        assert outcome(partition, prepared) == outcome(partition, wrong)


@pytest.mark.parametrize("broken", [frame(jpeg=picture()[:-2]), frame(camera="cam-unknown")])
def test_what_cannot_be_prepared_says_so(partition: Partition, broken: Frame) -> None:
    with pytest.raises(BadMessage):
        partition.stage.prepare(partition.state, broken)


def test_control_events_need_no_preparing(partition: Partition) -> None:
    assert partition.stage.prepare(partition.state, Tick(NOW + 1)) == Tick(NOW + 1)


def test_a_frame_becomes_detections_that_name_it_exactly(partition: Partition) -> None:
    event = frame()
    result = partition.step(event)
    assert result.counts == {"accepted": 1}
    (output,) = result.outputs
    assert (output.topic, output.key, output.partition) == (DETECTIONS, "cam-1", None)
    found = seen(result)
    assert found.frame == FrameRef(0, 1234, hashlib.sha256(event.jpeg).hexdigest())
    assert (found.camera, found.time, found.sequence, found.origin) == (
        ("cam-1", NOW, 7, "simulated")
    )
    assert (found.width, found.height, found.late) == (64, 48, False)
    boxes, classes, scores = found.arrays()
    assert boxes.tolist() == [[0, 0, 64, 48]]
    assert classes.tolist() == [2]
    assert scores.tolist() == [871]
    assert decode(*encode(found))[0] == found


def test_the_cameras_own_model_comes_first_then_the_active_one_then_ours() -> None:
    partition = Partition().announce(CAMERA)
    assert seen(partition.step(frame(NOW))).model.startswith("street_detector@")
    partition.announce(ActiveModel("detection", "newer"), ActiveModel("loop-anomaly", "other"))
    assert seen(partition.step(frame(NOW + 1))).model.startswith("newer@")
    partition.announce(msgspec.structs.replace(CAMERA, model="its-own"))
    assert seen(partition.step(frame(NOW + 2))).model.startswith("its-own@")


def test_control_events_take_effect_and_are_passed_on_once(partition: Partition) -> None:
    for event in (
        Tick(NOW + SECOND),
        ControlChange(9, NOW, Zone("z", "cam-1", "Vùng", "Zone", ((0, 0), (1, 0), (1, 1)))),
    ):
        result = partition.step(event)
        assert result.outputs == (Output(DETECTIONS, event, partition=SAME_PARTITION),)
        assert list(result.changes) == [KEY]
        assert partition.step(event) == Result()
    assert partition.step(Tick(NOW)) == Result()


def test_a_frame_of_an_unknown_or_removed_camera_is_refused(partition: Partition) -> None:
    assert refusal(partition, frame(camera="cam-2")) == "unknown_source"
    partition.announce(Removed("source", "cam-1"))
    assert refusal(partition, frame()) == "unknown_source"


def test_a_frame_in_another_partition_than_its_cameras_is_refused() -> None:
    stage = Detect(Corner, 4)  # type: ignore[arg-type]
    (right,) = {partition_of("cam-1", 4)}
    for number in set(range(4)) - {right}:
        with pytest.raises(BadMessage, match=f"wrong_partition: .*cam-1.* partition {right}"):
            stage.step({}, frame(), AT._replace(partition=number))


def test_a_frame_from_a_loop_is_refused(partition: Partition) -> None:
    partition.announce(msgspec.structs.replace(CAMERA, id="loop-1", kind="loop", gateway="gw"))
    assert refusal(partition, frame(camera="loop-1")) == "unknown_source"


@pytest.mark.parametrize("time", [0, NOW - 31 * DAY, NOW + 2 * DAY])
def test_an_absurd_time_is_refused(partition: Partition, time: int) -> None:
    assert refusal(partition, frame(time)) == "absurd_time"
    with pytest.raises(BadMessage, match=f"{to_rfc3339(time)}: the last tick was at "):
        partition.step(frame(time))


def test_a_frame_not_later_than_its_cameras_last_is_counted_and_gives_nothing(
    partition: Partition,
) -> None:
    partition.announce(msgspec.structs.replace(CAMERA, id="cam-2"))
    partition.step(frame(NOW))
    for time in (NOW, NOW - 1):
        result = partition.step(frame(time))
        assert result.counts == {"repeated": 1}
        assert (result.changes, result.outputs) == ({}, ())
    assert partition.step(frame(NOW, camera="cam-2")).counts == {"accepted": 1}
    assert partition.step(frame(NOW + 1)).counts == {"accepted": 1}


def test_a_late_frame_is_detected_and_flagged(partition: Partition) -> None:
    on_time = partition.step(frame(NOW - frame_lateness()))
    assert on_time.counts == {"accepted": 1}
    partition.step(Tick(NOW + 60 * SECOND))
    late = partition.step(frame(NOW))
    assert late.counts == {"late": 1}
    assert seen(late).late
    assert len(seen(late).classes) == 1


@pytest.mark.parametrize(
    ("jpeg", "reason"),
    [
        (b"", "undecodable"),
        (b"not a picture", "undecodable"),
        (picture()[:-200], "truncated"),
        (picture()[:400] + bytes(range(256)) * 9, "undecodable"),
        (
            picture().replace(b"\x00\x11\x08\x00\x30\x00\x40", b"\x00\x11\x08\x4e\x20\x4e\x20"),
            "picture_too_large",
        ),
    ],
    ids=["empty", "text", "truncated", "half", "20000x20000"],
)
def test_a_bad_picture_is_refused_and_its_camera_goes_on(
    partition: Partition, jpeg: bytes, reason: str
) -> None:
    assert refusal(partition, frame(NOW, jpeg=jpeg)) == reason
    assert partition.step(frame(NOW)).counts == {"accepted": 1}


def test_a_model_that_is_not_there_is_a_reason_and_is_found_once_it_is(tmp_path: Path) -> None:
    partition = Partition(Detectors(Registry(manifests=tmp_path))).announce(CAMERA)
    assert refusal(partition, frame()) == "model_missing"
    (tmp_path / "street_detector").symlink_to(Registry().manifests / "street_detector")
    assert partition.step(frame()).counts == {"accepted": 1}


def test_a_changed_model_is_refused_and_neighbours_are_not_harmed(tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    manifest = (Registry().manifests / "street_detector" / "model.yaml").read_text()
    (folder / "model.yaml").write_text(manifest.replace("name: street_", "name: broken_"))
    folder.rename(tmp_path / "broken_detector")
    (tmp_path / "broken_detector" / "model.onnx").write_bytes(b"\x08\x08nothing")
    (tmp_path / "street_detector").symlink_to(Registry().manifests / "street_detector")
    broken = msgspec.structs.replace(CAMERA, id="cam-2", model="broken_detector@1.0.0")
    partition = Partition(Detectors(Registry(manifests=tmp_path))).announce(CAMERA, broken)
    assert refusal(partition, frame(camera="cam-2")) == "model_refused"
    assert partition.step(frame()).counts == {"accepted": 1}


def test_an_event_that_does_not_belong_here_is_refused(partition: Partition) -> None:
    assert refusal(partition, seen(partition.step(frame()))) == "wrong_type"


def test_the_same_events_give_the_same_bytes_with_the_real_model() -> None:
    shots = [frame(NOW + index, jpeg=picture(640 - index, 360)) for index in range(3)]
    events = [Tick(NOW), *shots, Tick(NOW + SECOND)]

    def run() -> list[bytes]:
        partition = Partition(Detectors(Registry())).announce(CAMERA)
        results = [partition.step(event) for event in events]
        outputs = [encode(output.event)[1] for result in results for output in result.outputs]
        return outputs + [
            msgspec.msgpack.encode(partition.state[key]) for key in sorted(partition.state)
        ]

    assert run() == run()


@pytest.mark.parametrize(("grey", "verdict"), [(0, "dark"), (128, "covered"), (255, "blinded")])
def test_what_nobody_can_judge_is_said_and_no_model_looks(
    partition: Partition, grey: int, verdict: str
) -> None:
    plain = cv2.imencode(".jpg", np.full((48, 64, 3), grey, np.uint8))[1].tobytes()
    result = partition.step(frame(NOW, jpeg=plain))
    event = seen(result)
    assert event.verdict == verdict
    assert len(event.arrays()[0]) == 0
    assert result.counts == {"accepted": 1}, "stored, as any other"
    assert seen(partition.step(frame(NOW + SECOND))).verdict == "good"


def test_the_same_picture_for_seconds_is_frozen_until_another_comes(partition: Partition) -> None:
    told = [seen(partition.step(frame(NOW + n * SECOND))).verdict for n in range(8)]
    assert told == ["good"] * 5 + ["frozen"] * 3
    assert len(seen(partition.step(frame(NOW + 9 * SECOND, jpeg=picture(65)))).arrays()[0]) == 1


def test_a_camera_that_was_moved_is_not_judged_until_somebody_accepts_its_view(
    partition: Partition,
) -> None:
    def look(numbers: range, seed: int, sharp: int = 12) -> list[Detections]:
        """One picture a second, of a view that the seed makes."""
        view = np.random.default_rng(seed).integers(0, 200, (sharp, sharp * 2, 3), np.uint8)
        view = cv2.resize(view, (640, 360), interpolation=cv2.INTER_NEAREST)
        told = []
        for number in numbers:
            noise = np.random.default_rng(number).integers(0, 20, view.shape, np.uint8)
            jpeg = cv2.imencode(".jpg", view + noise)[1].tobytes()
            told.append(seen(partition.step(frame(NOW + number * SECOND, jpeg=jpeg))))
        return told

    assert {each.verdict for each in look(range(1, 50), 1)} == {"good"}
    moved = look(range(50, 70), 2)
    first = [each.verdict for each in moved].index("moved")
    assert first <= 4, "what is doubted is not judged"
    assert {each.verdict for each in moved[first:]} == {"moved"}
    proven = [each.moved is not None for each in moved]
    assert 10 <= proven.index(True) <= 16
    assert all(proven[proven.index(True) :])
    assert len(moved[-1].arrays()[0]) == 0
    assert moved[-1].moved is not None
    assert moved[-1].moved.time == NOW + 49 * SECOND
    named = msgspec.structs.replace(CAMERA, name_en="another name", model="street_detector@1.0.0")
    partition.announce(named)
    assert look(range(70, 72), 2)[-1].verdict == "moved", "a change of name or model sees no more"
    partition.announce(msgspec.structs.replace(named, view=1))
    (good, *_) = look(range(72, 120), 2)
    assert (good.verdict, good.moved, len(good.arrays()[0])) == ("good", None, 1)
    assert look(range(120, 140), 1)[-1].verdict == "moved"


def test_a_step_leaves_the_state_it_was_given_alone(partition: Partition) -> None:
    before = dict(partition.state)
    encoded = {key: msgspec.msgpack.encode(value) for key, value in before.items()}
    partition.stage.step(before, frame(), AT)
    partition.stage.step(before, Tick(NOW + SECOND), AT)
    assert {key: msgspec.msgpack.encode(value) for key, value in before.items()} == encoded


@given(last=st.integers(0, 2**53))
def test_states_come_back_as_they_were(last: int) -> None:
    partition = Partition().announce(CAMERA, ActiveModel("detection", "x@1"))
    partition.step(Tick(NOW))
    for state in (*partition.state.values(), LastFrame(last)):
        assert (
            msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=Detect.state_type) == state
        )
