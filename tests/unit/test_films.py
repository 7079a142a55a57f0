"""What is in films of many kinds, as the decoder's program reads them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from services.gateway.decoder.source import Blank, Shot, SourceError, SourceFile
from services.gateway.decoder.upright import in_shape
from services.gateway.decoder.wire import Place

PICTURES = 20


def encoded(
    path: Path,
    codec: str = "libx264",
    form: str | None = None,
    sizes: tuple[tuple[int, int], ...] = ((64, 48),),
    **context: Any,
) -> Path:
    """Two seconds; a track of each size."""
    with av.open(str(path), "w", format=form) as output:
        tracks = []
        for width, height in sizes:
            track = output.add_stream(codec, rate=10)
            track.width, track.height = width, height
            track.pix_fmt = {"gif": "rgb8", "mjpeg": "yuvj420p"}.get(codec, "yuv420p")
            for name, value in context.items():
                setattr(track.codec_context, name, value)
            tracks.append(track)
        for number in range(PICTURES):
            for track in tracks:
                grey = np.full((track.height, track.width, 3), 10 * number, np.uint8)
                frame = av.VideoFrame.from_ndarray(grey, format="bgr24")
                output.mux(track.encode(frame.reformat(format=track.pix_fmt)))
        for track in tracks:
            output.mux(track.encode())
    return path


@contextmanager
def opened(path: Path) -> Iterator[SourceFile]:
    source = SourceFile(Place("", os.open(path, os.O_RDONLY)))
    yield source
    source.close()


def shown(path: Path) -> tuple[list[Shot], int]:
    """The pictures, and how many there are of which nothing can be had."""
    with opened(path) as source:
        found = list(source.shots())
    lost = sum(each.lost for each in found if isinstance(each, Blank))
    return [each for each in found if isinstance(each, Shot)], lost


@pytest.mark.parametrize(
    ("name", "codec", "form"),
    [
        ("film.gif", "gif", None),
        ("film.avi", "libx264", None),  # with B-frames, which it cannot tell the order of
        ("film.ts", "libx264", None),
        ("film.flv", "libx264", None),
        ("film.wmv", "wmv2", "asf"),
        ("film.mjpeg", "mjpeg", None),
    ],
)
def test_pictures_come_at_their_rate(tmp_path: Path, name: str, codec: str, form: str) -> None:
    rate = 25 if codec == "mjpeg" else 10  # it says none
    path = tmp_path / name
    found, lost = shown(encoded(path, codec, form))
    assert (len(found), lost) == (PICTURES, 0)
    assert not any(shot.damaged for shot in found)
    times = [shot.time for shot in found]
    assert times == sorted(set(times))
    assert times[-1] == pytest.approx((PICTURES - 1) / rate, abs=0.11)


def test_of_two_tracks_the_larger_is_the_film(tmp_path: Path) -> None:
    found, _ = shown(encoded(tmp_path / "film.mkv", sizes=((32, 24), (64, 48))))
    assert {(shot.frame.width, shot.frame.height) for shot in found} == {(64, 48)}


def test_a_film_says_the_shape_of_its_pixels(tmp_path: Path) -> None:
    wide = encoded(tmp_path / "wide.mp4", sample_aspect_ratio=Fraction(2, 1))
    assert {shot.aspect for shot in shown(wide)[0]} == {2.0}
    assert {shot.aspect for shot in shown(encoded(tmp_path / "film.mp4"))[0]} == {1.0}


@pytest.mark.parametrize(
    ("size", "aspect", "shape"),
    [
        ((704, 576), 12 / 11, (704, 576)),
        ((720, 576), 64 / 45, (1024, 576)),
        ((704, 288), 6 / 11, (704, 528)),
        ((64, 48), 1.0, (64, 48)),
        ((64, 48), 50.0, (64, 48)),
        ((64, 48), 0.01, (64, 48)),
    ],
)
def test_no_pixel_is_far_from_square(
    size: tuple[int, int], aspect: float, shape: tuple[int, int]
) -> None:
    assert in_shape(*size, aspect) == shape


@pytest.mark.parametrize("name", ["film.mp4", "film.mov"])
def test_a_film_that_was_cut_off_before_its_index_says_so(tmp_path: Path, name: str) -> None:
    path = encoded(tmp_path / name)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"moov") - 4])
    with pytest.raises(SourceError, match="its index is missing"), opened(path):
        pass


def test_a_webp_that_moves_is_said_to_be_one(tmp_path: Path) -> None:
    moving = cv2.Animation()
    moving.frames = [np.full((48, 64, 3), 99 * number, np.uint8) for number in range(2)]
    moving.durations = np.full(2, 100, np.int32)
    assert cv2.imwriteanimation(str(tmp_path / "a.webp"), moving)
    with pytest.raises(SourceError, match="a WebP that moves"), opened(tmp_path / "a.webp"):
        pass
    assert cv2.imwrite(str(tmp_path / "b.webp"), np.full((48, 64, 3), 99, np.uint8))
    assert len(shown(tmp_path / "b.webp")[0]) == 1


def picture() -> bytes:
    noise = np.random.default_rng(3).integers(0, 255, (96, 160, 3), np.uint8)
    return cv2.imencode(".jpg", noise)[1].tobytes()


def test_what_lies_behind_a_picture_is_no_damage_however_much(tmp_path: Path) -> None:
    path, whole = tmp_path / "still.jpg", picture()
    path.write_bytes(whole + np.random.default_rng(4).bytes(5 * len(whole)))
    found, lost = shown(path)
    assert [shot.damaged for shot in found[:1]] == [False]
    assert not lost


def test_control_half_a_picture_is_damage_though_an_end_lies_behind_it(tmp_path: Path) -> None:
    path, whole = tmp_path / "still.jpg", picture()
    path.write_bytes(whole[:200] + b"\0" * 400)
    found, lost = shown(path)
    assert lost or all(shot.damaged for shot in found)
