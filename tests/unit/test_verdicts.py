"""What a picture is worth."""

from functools import cache

import cv2
import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from simulators.cameras import Renderer
from simulators.city import assets
from streams.cameras.verdicts import FROZEN_AFTER, Stillness, judged, look, still
from streams.events import SECOND, Verdict

Picture = NDArray[np.uint8]
NOW = 1_800_000_000 * SECOND
SIZES = [(1, 1), (7, 5), (64, 48), (320, 240), (641, 359), (1920, 1080), (3840, 2160)]


@cache
def renderer(camera: int) -> Renderer:
    return Renderer(assets.read().cameras[camera], 1)


def street(number: int = 0, hour: float = 12.0, camera: int = 0) -> Picture:
    return renderer(camera).render([], number, hour)


def of(grey: int, noise: float = 0.0, size: tuple[int, int] = (640, 360)) -> Picture:
    rng = np.random.default_rng(1)
    made = grey + rng.normal(0, noise, (size[1], size[0], 3))
    return np.clip(np.rint(made), 0, 255).astype(np.uint8)


def seen(picture: Picture, quality: int = 85) -> Verdict:
    """As it comes: a JPEG."""
    jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return look(np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)).verdict


@pytest.mark.parametrize("hour", [0, 5, 6, 12, 18, 22])
@pytest.mark.parametrize("camera", range(3))
def test_a_street_is_good_at_any_hour(hour: float, camera: int) -> None:
    assert seen(street(3, hour, camera)) == "good"


def test_a_street_at_night_with_one_lamp_and_one_in_fog_are_good() -> None:
    night = (street() // 24).astype(np.uint8)
    night[100:180, 200:330] = 120
    assert seen(night) == "good"
    fog = (street(hour=12) // 4 + 120).astype(np.uint8)
    assert seen(fog) == "good"


@pytest.mark.parametrize(
    ("grey", "noise", "verdict"),
    [(0, 0, "dark"), (6, 3, "dark"), (90, 1, "covered"), (160, 0, "covered"), (255, 0, "blinded")],
)
def test_what_shows_one_thing_only(grey: int, noise: float, verdict: Verdict) -> None:
    assert seen(of(grey, noise)) == verdict


@pytest.mark.parametrize("size", SIZES)
def test_pictures_of_any_size_are_looked_at(size: tuple[int, int]) -> None:
    assert look(of(0, size=size)).verdict == "dark"
    noise = look(of(128, 60, size)).verdict
    assert noise == "good" or size in SIZES[:2]


def test_a_wall_of_noise_is_not_covered() -> None:
    assert seen(of(90, 12)) == "good"


def test_a_sky_that_is_too_bright_is_good_and_the_sun_in_the_lens_is_not() -> None:
    sky = street()
    sky[:140] = 255
    assert seen(sky) == "good"
    cv2.circle(sky, (320, 180), 230, (255, 255, 255), -1)
    assert seen(sky) == "blinded"


@pytest.mark.parametrize("rows", [80, 200, 340])
def test_a_picture_that_lost_its_end_is_damaged(rows: int) -> None:
    picture = street()
    picture[-rows:] = 128
    assert seen(picture) == "damaged"


def test_black_bars_are_no_damage() -> None:
    picture = street()
    picture[:70] = picture[-70:] = 0
    assert seen(picture) == "good"


def follow(pictures: list[Picture], apart: int) -> list[Verdict]:
    stillness, told = Stillness(), []
    for number, picture in enumerate(pictures):
        time, seen = NOW + number * apart, look(picture)
        stillness = still(stillness, seen, time)
        told.append(judged(seen, stillness, time))
    return told


@pytest.mark.parametrize("apart", [SECOND // 30, SECOND // 5, SECOND, 5 * SECOND])
def test_the_same_picture_again_and_again_is_frozen(apart: int) -> None:
    good = max(FROZEN_AFTER // apart, 2)
    told = follow([street(1)] * (good + 20), apart)
    assert set(told[:good]) == {"good"}
    assert set(told[good + 1 :]) == {"frozen"}
    assert follow([*[street(1)] * (good + 9), street(2)], apart)[-1] == "good"


@pytest.mark.parametrize("apart", [SECOND // 30, SECOND // 5, SECOND, 5 * SECOND])
def test_one_that_comes_between_others_is_frozen_and_they_are_not(apart: int) -> None:
    pairs = max(FROZEN_AFTER // (2 * apart), 3) + 20
    told = follow([street(0 if number % 2 else number) for number in range(2 * pairs)], apart)
    assert set(told[::2]) == {"good"}
    assert set(told[-40::2]) == {"good"}
    assert set(told[-39::2]) == {"frozen"}


def test_control_a_film_that_is_repeated_or_shows_each_picture_twice_is_not_frozen() -> None:
    pictures = [street(number) for number in range(6)]
    assert set(follow(pictures * 10, SECOND)) == {"good"}
    assert set(follow([each for each in pictures for _ in range(2)] * 5, SECOND)) == {"good"}


@pytest.mark.parametrize("held", [2, 10, 20])
def test_a_film_that_is_repeated_and_holds_one_picture_is_not_frozen(held: int) -> None:
    pictures = [street(0)] * held + [street(number) for number in range(1, 5)]
    assert set(follow(pictures * 6, SECOND // 5)) == {"good"}


def test_two_pictures_in_turn_are_frozen_and_a_third_ends_it() -> None:
    pair = [street(1), street(2)]
    assert set(follow(pair * 30, SECOND // 5)[-20:]) == {"frozen"}
    assert follow([*pair * 30, street(3), *pair * 5], SECOND // 5)[-9:] == ["good"] * 9


def test_what_an_earlier_release_remembers_of_a_picture_goes_on() -> None:
    seen = look(street(1))
    before = msgspec.msgpack.decode(msgspec.msgpack.encode([seen.mark, NOW, 9]), type=Stillness)
    time = NOW + FROZEN_AFTER
    assert judged(seen, still(before, seen, time), time) == "frozen"
    assert still(before, look(street(2)), time).pictures == 1


def test_a_still_street_with_a_sensors_noise_is_not_frozen() -> None:
    told = follow([street(number, 2.0) for number in range(60)], SECOND // 5)
    assert set(told) == {"good"}


def test_what_is_dark_and_still_is_dark() -> None:
    assert follow([of(0)] * 60, SECOND)[-1] == "dark"


def test_looking_changes_nothing_and_says_the_same_again() -> None:
    picture = street()
    copy = picture.copy()
    assert look(picture) == look(copy)
    assert (picture == copy).all()
