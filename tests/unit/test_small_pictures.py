"""Pictures for small tiles: no wider and no larger than a wall of many can be sent."""

import cv2
import numpy as np
import pytest

from services.api.small import BYTES_AT, small
from streams.events import BadMessage


def street(height: int = 720, width: int = 1280) -> bytes:
    """Edges everywhere, as in a street."""
    rng = np.random.default_rng(4)
    picture = np.full((height, width, 3), 90, np.uint8)
    for x, y, w, h, *colour in rng.integers(0, 255, (400, 7)):
        at = (int(x * width / 255), int(y * height / 255))
        to = (at[0] + int(w) // 4, at[1] + int(h) // 6)
        cv2.rectangle(picture, at, to, tuple(int(c) for c in colour), -1)
    noise = rng.normal(0, 6, picture.shape)
    noisy = np.clip(picture + noise, 0, 255).astype(np.uint8)
    return bytes(cv2.imencode(".jpg", noisy)[1].tobytes())


@pytest.mark.parametrize(("width", "most"), BYTES_AT)
def test_a_small_picture_keeps_its_shape_and_its_bytes(width: int, most: int) -> None:
    data = small(street(), width)
    assert len(data) <= most
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (round(720 * width / 1280), width, 3)
    assert picture.std() > 20, "something is to be seen in it"


def test_a_picture_is_never_made_larger_and_what_is_none_is_refused() -> None:
    data = small(street(90, 160), 320)
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (90, 160, 3)
    with pytest.raises(BadMessage):
        small(b"no picture", 240)
