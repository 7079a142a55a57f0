"""The page that shows what two replays differ in: times, and the picture that proves each."""

import hashlib

import cv2
import numpy as np
import pytest

from models.registry import Registry
from services.commandline.differences import html, photographs
from services.privacy.masker import Masker
from streams.events import SECOND
from streams.recordings.folder import Slice
from streams.recordings.runs import Difference
from tests.support.watchman import START

JPEG = cv2.imencode(".jpg", np.full((360, 640, 3), 90, np.uint8))[1].tobytes()
SHA256 = hashlib.sha256(JPEG).hexdigest()
MASKER = Masker(Registry())
TIMES = {"start": START, "decided_at": START + 20 * SECOND, "end": None}
BOX = [1000, 1000, 2000, 2000, "car", 900]
PICTURE = ["cam", START, "street_detector@1", SHA256, [BOX], [[0, 0], [1, 0], [1, 1]], "", []]
SERIES = ["loop", START, "m@1", None, [], [], "speed", [[START, 40.0, 20], [START + 1, None, 9]]]
NO_DATA = ["cam", START, "", None, [], [], "", []]


def difference(change: str = "gained", proof: object = PICTURE) -> Difference:
    first = None if change == "gained" else TIMES
    second = None if change == "lost" else TIMES
    evidence = [proof] if proof else []
    return Difference(change, "stopped_vehicle", ["cam"], "road", first, second, evidence)


class Frames:
    """As much of a recording as pictures are looked for in."""

    def slices(self) -> list[Slice]:
        headers = [("ce_type", b"cityops.frame"), ("ce_sha256", SHA256.encode())]
        other = [("ce_type", b"cityops.frame"), ("ce_sha256", b"0" * 64)]
        return [Slice(1, [("frames", 0, other, b"other"), ("frames", 1, headers, JPEG)])]


def test_a_recorded_picture_is_shown() -> None:
    found = [difference()]
    pictures = photographs(Frames(), found, MASKER)
    assert set(pictures) == {SHA256}
    page = html("rush-hour", ("live", "stricter"), found, pictures)
    assert page.count("data:image/jpeg;base64,") == 1
    assert "gained: stopped vehicle, cam road" in page
    assert "not found" in page
    assert "1 gained, 0 lost, 0 moved" in page


@pytest.mark.parametrize(
    ("proof", "said"),
    [
        (PICTURE, "its picture was not recorded"),
        (SERIES, "data:image/png;base64,"),
        (NO_DATA, "no data, so no picture"),
        (None, "nothing was shown for it"),
    ],
)
def test_what_has_no_picture_says_why(proof: object, said: str) -> None:
    assert said in html("r", ("a", "b"), [difference("lost", proof)], {})


def test_no_picture_is_looked_for_where_none_is_named() -> None:
    assert photographs(Frames(), [difference("lost", NO_DATA)], MASKER) == {}


def test_names_cannot_break_the_page() -> None:
    page = html("<b>", ("live", "<i>"), [], {})
    assert "<b>" not in page
    assert "<i>" not in page
