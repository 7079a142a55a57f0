"""What people are told of a source before it becomes a camera."""

import numpy as np
import pytest

from services.gateway.decoder.wire import Opened
from services.gateway.look import Look
from streams.events import Origin

FILM = Opened("file", "mov,mp4", "h264", 640, 360, 5.0, 10.2)


def words(opened: Opened, seen: int = 5, shape: tuple[int, int] = (360, 640)) -> str:
    origin: Origin = "recorded" if opened.nature == "file" else "live"
    picture = np.zeros((*shape, 3), np.uint8)
    return Look(opened, origin, picture, seen, 0, 0.1, 1000).words


def test_of_a_film_it_is_size_rate_and_length() -> None:
    assert words(FILM) == "h264, 640x360, 5 pictures/s, recorded, 10 s"
    assert words(FILM._replace(seconds=0.42)).endswith("recorded, 0.4 s")


def test_what_is_made_smaller_is_told_with_both_sizes() -> None:
    told = words(FILM._replace(width=7680, height=4320), shape=(2160, 3840))
    assert "7680x4320, which is made smaller, to 3840x2160" in told
    turned = words(FILM._replace(width=360, height=640))
    assert "640x360" in turned
    assert "smaller" not in turned


@pytest.mark.parametrize("container", ["mpegts", "mpeg"])
def test_a_length_that_the_file_does_not_say_is_told_as_that_of_its_timestamps(
    container: str,
) -> None:
    assert words(FILM._replace(container=container)).endswith("10 s by its timestamps")


def test_a_single_picture_has_no_rate_and_no_length() -> None:
    still = Opened("still", "jpeg_pipe", "mjpeg", 640, 360, 0.0, 0.0)
    assert words(still) == "mjpeg, 640x360, one picture that is asked for again and again, live"
    assert words(still._replace(nature="file"), seen=1) == "mjpeg, 640x360, one picture, recorded"
    assert "a rate that it does not say" in words(still._replace(nature="file"))
    assert "a rate that it does not say" in words(still._replace(nature="stream"))
