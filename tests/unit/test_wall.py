"""What a wall of cameras is sent: each picture once, with its own boxes, and in few bytes."""

from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np

from services.api.small import MEDIA_TYPE
from services.api.wall import ALIVE, MOST, PATIENCE, Head, Seen, Tile, part
from streams.events import HOUR, SECOND, BadMessage, Detections, Frame, FrameRef, Micros
from tests.support.alerting import START, photograph
from tests.unit.test_small_pictures import street

MASKS: Any = SimpleNamespace(
    shown=lambda frame: SimpleNamespace(jpeg=frame.jpeg, said="parts"),
)


def read(said: bytes) -> tuple[Head, bytes]:
    """One part, and nothing after it."""
    size = int.from_bytes(said[:4], "big")
    head = msgspec.json.decode(said[4 : 4 + size], type=Head)
    picture = said[4 + size :]
    assert len(picture) == head.bytes
    return head, picture


class City:
    """What a camera has sent, and what a model saw in it."""

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self.known: dict[Micros, Detections] = {}
        self.frames: Any = SimpleNamespace(newest=lambda _camera, _patience: self.frame)
        self.detections: Any = SimpleNamespace(recent=lambda _camera: list(self.known.values()))

    def look(self, tile: Tile, *, boxes: bool = False) -> bytes:
        return tile.look(self.frames, MASKS, self.detections if boxes else None)


def seen(frame: Frame, *boxes: tuple[int, int, int, int]) -> Detections:
    return Detections(
        frame.camera,
        frame.time,
        1,
        "live",
        FrameRef(0, 0, frame.sha256),
        160,
        90,
        "m@1",
        np.array(boxes, "<i4").tobytes(),
        bytes(len(boxes)),
        np.full(len(boxes), 912, "<u2").tobytes(),
    )


def test_a_picture_is_sent_once_and_that_there_is_none_once() -> None:
    city, tile = City(), Tile("cam-1", None)
    assert [city.look(tile) for _ in range(PATIENCE - 1)] == [b""] * (PATIENCE - 1)
    head, _ = read(city.look(tile))
    assert (head.camera, head.none, head.bytes) == ("cam-1", True, 0)
    assert city.look(tile) == b""
    city.frame = photograph()
    head, picture = read(city.look(tile))
    assert picture == city.frame.jpeg
    assert (head.type, head.origin, head.masked) == ("image/jpeg", "simulated", "parts")
    assert (head.time, head.seen) == ("2026-11-18T11:06:40.000000Z", None)
    assert city.look(tile) == b""
    city.frame = photograph(time=START + SECOND)
    assert read(city.look(tile))[0].time == "2026-11-18T11:06:41.000000Z"


def test_boxes_are_those_of_the_very_picture_which_waits_for_them() -> None:
    city, tile = City(), Tile("cam-1", None)
    first, second = photograph(), photograph(time=START + SECOND, number=2)
    city.frame = first
    head, picture = read(city.look(tile, boxes=True))
    assert (picture, head.seen) == (first.jpeg, None)  # nothing is known of it yet
    city.frame, city.known[second.time] = second, seen(second, (160, 90, 800, 450))
    city.look(tile, boxes=True)
    city.frame = photograph(time=START + 2 * SECOND, number=3)
    head, picture = read(city.look(tile, boxes=True))
    assert picture == second.jpeg
    assert head.seen == [Seen((100, 100, 500, 500), "person", 912)]
    assert head.paths == [], "nobody has moved yet"


def test_a_picture_that_nobody_was_followed_to_has_no_paths_of_another() -> None:
    def watched(tile: Tile, begin: Micros, changes: dict[str, Any]) -> Head:
        city, said = City(), b""
        for number in range(12):
            frame = photograph(time=begin + number * SECOND // 5, number=begin + number)
            event = seen(frame, (40 * number + 9, 10, 40 * number + 90, 50))
            city.frame = frame
            city.known[frame.time] = msgspec.structs.replace(event, **changes)
            said = city.look(tile, boxes=True) or said
        return read(said)[0]

    changed: dict[str, Any]
    for begin, changed in (
        (START - HOUR, {"late": True}),
        (START - HOUR, {}),  # its clock went back
        (START + HOUR, {"verdict": "dark"}),
    ):
        tile = Tile("cam-1", None)
        assert watched(tile, START, {}).paths, "control"
        head = watched(tile, begin, changed)
        assert (bool(head.seen), head.paths) == (True, []), (begin, changed)


def test_a_picture_that_cannot_be_read_is_none() -> None:
    city, tile = City(), Tile("cam-1", 240)

    def unreadable(_frame: Frame) -> Any:
        raise BadMessage("wrong_type", "no picture")

    city.frame = photograph()
    broken: Any = SimpleNamespace(shown=unreadable)
    assert read(tile.look(city.frames, broken, None))[0].none
    assert read(part(ALIVE))[0] == ALIVE


def test_sixteen_tiles_once_a_second_are_less_than_three_megabytes_a_minute() -> None:
    city, tile = City(), Tile("cam-hai-phong-harbour-gate-7", 240)
    picture = photograph()
    city.frame = msgspec.structs.replace(picture, jpeg=street())
    said = city.look(tile)
    assert read(said)[0].type == MEDIA_TYPE
    assert len(said) * MOST * 60 < 3_000_000

    crossing = Tile("cam-hai-phong-harbour-gate-7", 240)
    for number in range(12):
        frame = photograph(time=START + number * SECOND // 5, number=number)
        boxes = [(40 * number + 9, y, 40 * number + 90, y + 40) for y in range(10, 850, 42)]
        city.frame = msgspec.structs.replace(frame, jpeg=street())
        city.known[frame.time] = seen(frame, *boxes)
        said = city.look(crossing, boxes=True) or said
    head, _ = read(said)
    assert head.seen
    assert head.paths
    assert len(head.seen) == len(head.paths) == 20
    assert len(said) * MOST * 60 < 3_000_000
