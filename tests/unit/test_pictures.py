"""Whatever bytes a camera sends: a picture or a reason, never a crash and never a grey half."""

import struct

import cv2
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.cameras import pictures
from streams.events import MAX_PICTURE_PIXELS, BadMessage

REASONS = {"undecodable", "truncated", "picture_too_large"}
END = b"\xff\xd9"


def scene(width: int = 160, height: int = 96, seed: int = 0) -> np.ndarray:
    """Something with structure everywhere, so that no corner is plain grey."""
    random = np.random.default_rng(seed)
    image = random.integers(0, 256, (height // 8, width // 8, 3), np.uint8)
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)


def encoded(image: np.ndarray, *options: int) -> bytes:
    return cv2.imencode(".jpg", image, list(options))[1].tobytes()


PLAIN = encoded(scene())
KINDS = {
    "plain": PLAIN,
    "progressive": encoded(scene(), cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "restarts": encoded(scene(), cv2.IMWRITE_JPEG_RST_INTERVAL, 3),
    "grey": encoded(scene()[:, :, 0]),
    "optimised": encoded(scene(), cv2.IMWRITE_JPEG_OPTIMIZE, 1),
    "4:4:4": encoded(scene(), cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111),
}


def reason(jpeg: bytes) -> str:
    """Why it is refused; empty: it is a picture."""
    try:
        image = pictures.decode(jpeg)
    except BadMessage as bad:
        return bad.reason if bad.reason in REASONS else f"not a reason: {bad.reason}"
    assert image.dtype == np.uint8
    assert image.ndim == 3
    assert image.shape[2] == 3
    return ""


def with_size(jpeg: bytes, width: int, height: int) -> bytes:
    """The same picture with a header that claims another size."""
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_picture_is_what_the_decoder_makes_of_it(kind: str) -> None:
    jpeg = KINDS[kind]
    assert pictures.inspect(jpeg) == (160, 96, kind == "progressive", len(jpeg))
    plain = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(pictures.decode(jpeg), plain)


def test_a_picture_turned_by_its_exif_is_shown_upright() -> None:
    tag = b"Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06"
    body = tag + b"\x00\x00\x00\x00\x00\x00"
    turned = PLAIN[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + PLAIN[2:]
    assert pictures.decode(turned).shape == (160, 96, 3)


@pytest.mark.parametrize("behind", [bytes(16), b"\r\n", b"\x00\x01", PLAIN, b"\xff\xd9", b"\xff"])
def test_bytes_after_the_end_are_no_part_of_a_picture(behind: bytes) -> None:
    assert pictures.inspect(PLAIN + behind).end == len(PLAIN)
    assert np.array_equal(pictures.decode(PLAIN + behind), pictures.decode(PLAIN))


@pytest.mark.parametrize("level", [0, 127, 128, 129, 255])
def test_a_plain_picture_is_not_taken_for_a_truncated_one(level: int) -> None:
    image = np.full((96, 160, 3), level, np.uint8)
    assert np.abs(pictures.decode(encoded(image)).astype(int) - level).max() <= 1


def test_a_picture_that_ends_in_the_decoders_own_grey_is_whole() -> None:
    image = scene()
    image[48:] = 128
    assert reason(encoded(image)) == ""


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_cut_anywhere_is_refused(kind: str) -> None:
    jpeg = KINDS[kind]
    for length in range(len(jpeg)):
        assert reason(jpeg[:length]) in {"truncated", "undecodable"}, length


def test_a_cut_picture_with_an_end_put_on_it_is_still_truncated() -> None:
    start = PLAIN.index(b"\xff\xda") + 20
    for length in range(start, len(PLAIN) * 9 // 10, 7):
        assert reason(PLAIN[:length] + END) == "truncated", length


@pytest.mark.parametrize("kind", KINDS)
def test_half_random_pictures_are_refused(kind: str) -> None:
    jpeg = KINDS[kind]
    random = np.random.default_rng(5)
    for length in random.integers(2, len(jpeg) // 2, 200):
        assert reason(jpeg[:length] + random.bytes(4000) + END) != "", length


@pytest.mark.parametrize(
    ("width", "height"), [(20_000, 20_000), (65_535, 65_535), (65_535, 1_000), (3_841, 2_160)]
)
def test_a_header_that_claims_too_much_is_refused_before_decoding(
    width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cv2, "imdecode", None)
    assert width * height > MAX_PICTURE_PIXELS
    assert reason(with_size(PLAIN, width, height)) == "picture_too_large"


@pytest.mark.parametrize(("width", "height"), [(0, 96), (160, 0), (0, 0)])
def test_a_header_without_a_size_is_refused(width: int, height: int) -> None:
    assert reason(with_size(PLAIN, width, height)) == "undecodable"


def test_a_header_that_claims_more_than_there_is_is_refused() -> None:
    assert reason(with_size(PLAIN, 640, 360)) == "truncated"


@pytest.mark.parametrize(
    "jpeg",
    [b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff\xd9", b"\x89PNG\r\n\x1a\n", b"GIF89a", bytes(1000)],
)
def test_what_is_no_jpeg_is_refused(jpeg: bytes) -> None:
    assert reason(jpeg) in {"undecodable", "truncated"}


def test_a_png_is_not_let_through_to_a_decoder_that_could_read_it() -> None:
    assert reason(cv2.imencode(".png", scene())[1].tobytes()) == "undecodable"


def test_a_picture_of_endless_scans_is_refused() -> None:
    jpeg = KINDS["progressive"]
    first = jpeg.index(b"\xff\xda")
    second = jpeg.index(b"\xff\xda", first + 2)
    assert reason(jpeg[:second] + jpeg[first:second] * 100 + jpeg[second:]) == "undecodable"


@given(st.binary(max_size=400))
@example(b"\xda\x00\x02")
@example(b"\xc0\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00")
def test_any_bytes_after_a_start_are_judged(tail: bytes) -> None:
    assert reason(b"\xff\xd8\xff" + tail) in {"", *REASONS}


def test_thousands_of_damaged_pictures_are_judged() -> None:
    """Bytes changed, dropped, doubled or moved, in the headers as in the data."""
    random = np.random.default_rng(11)
    whole = list(KINDS.values())
    refused = 0
    for _ in range(3000):
        jpeg = bytearray(whole[random.integers(len(whole))])
        for _ in range(random.integers(1, 6)):
            # Half the damage hits the headers, where it hurts most.
            reach = len(jpeg) if random.random() < 0.5 else 620
            a, b = sorted(random.integers(0, min(reach, len(jpeg)), 2).tolist())
            match random.integers(4):
                case 0:
                    jpeg[a : a + 1] = random.bytes(1)
                case 1:
                    del jpeg[a : min(b, a + 40)]
                case 2:
                    jpeg[a:a] = jpeg[a : min(b, a + 40)]
                case 3:
                    jpeg[a:b] = jpeg[a:b][::-1]
        said = reason(bytes(jpeg))
        assert said in {"", *REASONS}
        refused += said != ""
    assert refused > 1000
