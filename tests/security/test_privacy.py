"""What an eye that may not know anybody sees: nobody's face, nobody's plate."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from fastapi.routing import APIRoute

from models.detector import Found
from models.labels import CLASSES
from models.manifest import ModelError
from models.registry import Registry
from services.alerts.exhibits import Exhibit, Outline, seen_in
from services.alerts.pictures import Caption, render
from services.api.live_masks import REMEMBERED, LiveMasks
from services.commandline.differences import html, photographs
from services.commandline.drawn import Drawn
from services.privacy import keys, masks
from services.privacy.keys import ErasedError, KeyRing, Place
from services.privacy.masker import FAILED, NO_GOOD, NO_MODEL, Masker
from services.privacy.masks import Image
from simulators.dataset import arranged
from streams.cameras import pictures
from streams.events import DAY, SECOND, BadMessage, Frame, Micros, new_frame
from streams.models import registry
from streams.sealing import SealError
from streams.settings import Settings, load
from streams.stages.detect import Detectors
from tests.support.alerting import START
from tests.unit.test_differences import difference

PERSON, TWO_WHEELER, CAR = (CLASSES.index(name) for name in ("person", "two-wheeler", "car"))
STANDS = (300, 100, 330, 180)
"""Where somebody stands who is far."""


def street() -> Image:
    """Of every colour, so that a good picture it is, and any change of it is seen."""
    return np.random.default_rng(7).integers(0, 255, (360, 640, 3), np.uint8)


def jpeg(picture: Image) -> bytes:
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes())


class Says:
    """A detector that finds what it is told to, or fails."""

    def __init__(self, *found: tuple[int, tuple[float, ...]] | Exception) -> None:
        self.found = list(found)

    def detect(self, _: Image) -> Found:
        if self.found and isinstance(self.found[0], Exception):
            raise self.found[0]
        things = [one for one in self.found if not isinstance(one, Exception)]
        boxes = np.array([box for _, box in things], np.float64).reshape(-1, 4)
        classes = np.array([kind for kind, _ in things], np.uint8)
        return Found(boxes, classes, np.full(len(things), 0.1))


class Told(Masker):
    """A masker with that detector."""

    def __init__(self, says: Says) -> None:
        super().__init__(Registry())
        self.says = says

    def _detector(self, _: Any) -> Any:
        return self.says


def told(*found: tuple[int, tuple[float, ...]] | Exception) -> Told:
    return Told(Says(*found))


def inside(picture: Image, box: tuple[float, ...]) -> Image:
    x0, y0, x1, y1 = (round(edge) for edge in box)
    return picture[y0:y1, x0:x1]


def is_one_colour(part: Image) -> bool:
    return len(np.unique(part.reshape(-1, 3), axis=0)) == 1


def unseen(masked: Image, original: Image) -> bool:
    """Whether it is squares only, so that what was in it is nowhere."""
    small = cv2.resize(masked, (masks.SQUARES, 9), interpolation=cv2.INTER_AREA)
    again = cv2.resize(small, original.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    return bool(np.abs(masked.astype(int) - again).max() <= 2)


# --- what is covered ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [PERSON, TWO_WHEELER])
def test_who_is_far_is_covered_whole_and_becomes_one_colour(kind: int) -> None:
    picture = street()
    masked = told((kind, STANDS)).cover(picture, "live")
    assert is_one_colour(inside(masked.picture, STANDS))
    around = (STANDS[0] - 3, STANDS[1] - 3, STANDS[2] + 3, STANDS[3] + 3)
    assert is_one_colour(inside(masked.picture, around)), "boxes are enlarged"
    # The control: without a mask the same pixels are somebody.
    assert not is_one_colour(inside(told().cover(picture, "live").picture, STANDS))
    assert np.array_equal(masked.picture[:, :200], picture[:, :200]), "the street stays"


def test_of_who_is_near_the_head_is_covered_and_the_body_says_what_happens() -> None:
    near = (200, 40, 300, 340)
    masked = told((PERSON, near)).cover(street(), "live").picture
    assert is_one_colour(inside(masked, (200, 40, 300, 40 + 0.45 * 300)))
    assert np.array_equal(
        inside(masked, (200, 230, 300, 340)), inside(street(), (200, 230, 300, 340))
    )


def test_of_a_vehicle_the_plate_is_covered_where_one_could_read_it() -> None:
    car = (100, 100, 260, 220)
    masked = told((CAR, car)).cover(street(), "live").picture
    assert is_one_colour(inside(masked, (100, 160, 260, 220)))
    assert np.array_equal(
        inside(masked, (100, 100, 260, 145)), inside(street(), (100, 100, 260, 145))
    )
    far = (100, 100, 150, 140)
    assert np.array_equal(told((CAR, far)).cover(street(), "live").picture, street())


def test_what_the_evidence_names_is_covered_though_the_detector_misses_it() -> None:
    shown = Exhibit(source="c", time=START, model="m@1", boxes=(Outline(*STANDS, "person", 0.9),))
    masked = told().mask(jpeg(street()), "live", seen_in(shown))
    assert is_one_colour(inside(masked.picture, STANDS))
    strange = Exhibit(source="c", time=START, model="m@1", boxes=(Outline(*STANDS, "rider?", 0.9),))
    assert is_one_colour(
        inside(told().mask(jpeg(street()), "live", seen_in(strange)).picture, STANDS)
    )


def test_a_box_beyond_the_picture_or_of_no_extent_is_no_error() -> None:
    odd = ((-50.0, -50.0, 20.0, 20.0), (630.0, 350.0, 700.0, 400.0), (5.0, 5.0, 5.0, 5.0))
    masked = told(*((PERSON, box) for box in odd)).cover(street(), "live")
    assert masked.whole == ""
    assert is_one_colour(masked.picture[10:20, 10:20])


# --- where no mask can be made --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (ModelError("no file"), NO_MODEL),
        (RuntimeError("a defect"), FAILED),
        (MemoryError(), FAILED),
    ],
)
def test_where_nobody_can_tell_who_is_there_nothing_is_seen(found: Exception, why: str) -> None:
    picture = street()
    masked = told(found).cover(picture, "live")
    assert masked.whole == masked.said == why
    assert unseen(masked.picture, picture)
    assert not unseen(told().cover(picture, "live").picture, picture), "the control"


def test_without_a_detector_of_real_streets_real_pictures_are_covered_whole(tmp_path: Path) -> None:
    bare = Masker(Registry([tmp_path]))
    assert bare.cover(street(), "live").whole == bare.cover(street(), "recorded").whole == NO_MODEL
    assert bare.cover(street(), "simulated").whole == ""


@pytest.mark.parametrize("level", [0, 3, 255])
def test_a_picture_in_which_no_detector_sees_is_covered_whole(level: int) -> None:
    """Dark: who makes it brighter sees more than the detector did."""
    picture = np.full((360, 640, 3), level, np.uint8)
    picture[100:180, 300:330] = min(level + 8, 255)
    masked = told().cover(picture, "live")
    assert masked.whole == NO_GOOD
    assert unseen(masked.picture, picture)


def test_what_is_no_picture_is_shown_to_nobody() -> None:
    with pytest.raises(BadMessage):
        told().mask(b"\xff\xd8 no picture", "live")
    with pytest.raises(BadMessage):
        told().mask(jpeg(street())[:-400], "live")


def test_nothing_of_the_original_file_is_in_the_masked_one() -> None:
    """Cameras put thumbnails and places into a picture's metadata."""
    original = jpeg(street())
    said = b"Exif\0\0" + b"thumbnail and place" * 9
    with_said = (
        original[:2] + b"\xff\xe1" + (len(said) + 2).to_bytes(2, "big") + said + original[2:]
    )
    masked = told((PERSON, STANDS)).mask(with_said, "live").jpeg()
    assert b"thumbnail" in with_said
    assert b"thumbnail" not in masked
    assert b"Exif" not in masked
    middle = inside(pictures.decode(masked), (308, 108, 322, 172))
    assert int(middle.max(axis=(0, 1)).max()) - int(middle.min(axis=(0, 1)).min()) <= 60
    assert np.ptp(middle.reshape(-1, 3), axis=0).max() <= 8, "one colour, after compression too"


# --- everything that shows a picture --------------------------------------------------------------


def frame(time: Micros = START, camera: str = "cam-1") -> Frame:
    return new_frame(camera, time, 1, "live", jpeg(street()))


def test_live_pictures_are_masked_and_who_is_lost_for_one_is_still_covered() -> None:
    masker = told((PERSON, STANDS))
    live = LiveMasks(masker)

    def stands(time: Micros, camera: str = "cam-1") -> Image:
        return inside(pictures.decode(live.shown(frame(time, camera)).jpeg), (308, 108, 322, 172))

    assert np.ptp(stands(START).reshape(-1, 3), axis=0).max() <= 8
    masker.says = Says()
    assert np.ptp(stands(START + SECOND).reshape(-1, 3), axis=0).max() <= 8
    assert np.ptp(stands(START + SECOND, "cam-2").reshape(-1, 3), axis=0).max() > 100
    late = START + 2 * SECOND + REMEMBERED
    assert np.ptp(stands(late).reshape(-1, 3), axis=0).max() > 100, "the control: nobody is there"


def test_a_live_picture_is_looked_at_once_whoever_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    masker, looked = told(), []
    whole = masker.cover
    monkeypatch.setattr(masker, "cover", lambda *given: looked.append(1) or whole(*given))
    live = LiveMasks(masker)
    assert live.shown(frame()) is live.shown(frame())
    live.shown(frame(START + SECOND))
    assert len(looked) == 2


def test_evidence_is_drawn_on_the_masked_picture() -> None:
    masked = told((PERSON, STANDS)).mask(jpeg(street()), "live")
    shown = Exhibit(source="c", time=START, model="m@1")
    caption = Caption("t", "", START, "m", "en")
    drawn = pictures.decode(render(masked, shown, caption, below=False))
    factor = drawn.shape[1] // 640
    part = inside(drawn, tuple(factor * edge for edge in (310, 110, 320, 170)))
    assert np.ptp(part.reshape(-1, 3), axis=0).max() <= 8
    whole = told(ModelError("none")).mask(jpeg(street()), "live")
    said = [
        render(whole, shown, Caption("t", "", START, "m", lang), below=False)
        for lang in ("vi", "en")
    ]
    assert said[0] != said[1], "why nothing can be seen is written on it"


def test_a_page_of_differences_shows_nobody() -> None:
    class Recorded:
        def slices(self) -> Iterator[Any]:
            kept = frame()
            headers = [("ce_sha256", kept.sha256.encode()), ("ce_origin", b"live")]
            yield type("Slice", (), {"records": [("frames", 0, headers, kept.jpeg)]})

    proof = ["cam", START, "m@1", frame().sha256, [], [], "", []]
    found = [difference(proof=proof)]
    taken = photographs(Recorded(), found, told((PERSON, STANDS)))  # type: ignore[arg-type]
    assert is_one_colour(inside(taken[frame().sha256].picture, STANDS))
    assert "data:image/jpeg" in html("r", ("a", "b"), found, taken)


@pytest.mark.parametrize("masked", [True, False], ids=["masked", "control"])
def test_a_film_of_what_a_detector_saw_shows_nobody(tmp_path: Path, masked: bool) -> None:
    film = tmp_path / "film.avi"
    drawn = Drawn(film, 5, told((PERSON, STANDS)) if masked else None)
    nothing = Detectors(Registry())("street_detector").detect(np.zeros((360, 640, 3), np.uint8))
    smooth = cv2.GaussianBlur(street(), (9, 9), 3)
    for _ in range(3):
        drawn.take(smooth, nothing.tenths()[:0], [], nothing.classes[:0], nothing.thousandths()[:0])
    drawn.close()
    picture = cv2.VideoCapture(str(film)).read()[1]
    spread = inside(picture, (308, 108, 322, 172)).reshape(-1, 3).std(axis=0).max()
    assert (spread < 5) == masked


def test_no_route_answers_with_a_picture_that_may_be_stored() -> None:
    """Nothing under /api/ may be, and of what shows people nothing says otherwise."""
    from tests.contract.test_permissions import ROUTES

    showing = [
        route
        for _, route in ROUTES
        if any("image/" in str(answer) for answer in route.responses.values())
    ]
    assert {"/api/alerts/{id}/picture", "/api/cameras/{id}/picture"} <= {
        one.path for one in showing
    }
    for route in showing:
        assert isinstance(route, APIRoute)
        assert route.path.startswith("/api/")
        module = Path(route.endpoint.__code__.co_filename).read_text()
        assert "Cache-Control" not in module, "SafeHeaders says no-store of all of /api/"


# --- what is sealed -------------------------------------------------------------------------------

DAY_ONE = Place("cam-1", START, "a" * 64)
SAME_DAY = Place("cam-1", START + SECOND, "b" * 64)
DAY_TWO = Place("cam-1", START + DAY, "c" * 64)
OTHER = Place("cam/../2", START, "d" * 64)
ALL = (DAY_ONE, SAME_DAY, DAY_TWO, OTHER)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path / "state")


def sealed_by(ring: KeyRing) -> dict[Place, bytes]:
    return {place: ring.seal(place, "original", place.sha256.encode()) for place in ALL}


def readable(ring: KeyRing, sealed: dict[Place, bytes]) -> set[Place]:
    found = set()
    for place, bytes_ in sealed.items():
        with suppress(ErasedError):
            assert ring.open(place, "original", bytes_) == place.sha256.encode()
            found.add(place)
    return found


def test_what_is_sealed_shows_nothing_and_opens_in_its_place_only(settings: Settings) -> None:
    ring = KeyRing(settings)
    sealed = sealed_by(ring)
    assert readable(KeyRing(settings), sealed) == set(ALL)
    assert DAY_ONE.sha256.encode() not in sealed[DAY_ONE]
    assert ring.seal(DAY_ONE, "original", b"x") != ring.seal(DAY_ONE, "original", b"x")
    with pytest.raises(SealError):
        ring.open(SAME_DAY, "original", sealed[DAY_ONE])
    with pytest.raises(SealError):
        ring.open(DAY_ONE, "original", sealed[DAY_ONE][:-1] + bytes([sealed[DAY_ONE][-1] ^ 1]))
    for place, purpose in ((DAY_ONE, "masked"), (DAY_TWO, "original"), (OTHER, "original")):
        with pytest.raises(ErasedError):
            ring.open(place, purpose, sealed[DAY_ONE])  # type: ignore[arg-type]


def test_keys_are_files_that_only_their_owner_reads_and_that_name_no_camera(
    settings: Settings,
) -> None:
    sealed_by(KeyRing(settings))
    files = [path for path in settings.state_dir.rglob("*") if path.is_file()]
    assert len(files) == 3, "two days, and the wrapping key"
    for path in files:
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert b"cam" not in path.read_bytes()


def test_what_is_erased_opens_nowhere_even_with_copies_of_everything_else(
    settings: Settings, tmp_path: Path
) -> None:
    """The attacker has copies of the database and of the folder of keys, and today's secrets."""
    ring = KeyRing(settings)
    copied = sealed_by(ring)
    shutil.copytree(settings.state_dir / "keys", tmp_path / "keys")
    assert readable(KeyRing(settings), copied) == set(ALL), "the control: before, all is read"
    assert ring.destroy("cam-1", [DAY_ONE.day]) == 1
    left = {DAY_TWO, OTHER}
    assert readable(ring, copied) == readable(KeyRing(settings), copied) == left
    shutil.rmtree(settings.state_dir / "keys")
    shutil.copytree(tmp_path / "keys", settings.state_dir / "keys")
    assert readable(KeyRing(settings), copied) == set(), "the wrapping key is another one"


def test_a_part_of_a_day_is_erased_by_sealing_the_rest_anew(settings: Settings) -> None:
    ring = KeyRing(settings)
    before = sealed_by(ring)
    ring.renew("cam-1", DAY_ONE.day)
    assert readable(ring, before) == set(ALL), "until the rest is sealed anew"
    rest = {SAME_DAY: ring.seal(SAME_DAY, "original", SAME_DAY.sha256.encode())}
    ring.drop_former("cam-1", DAY_ONE.day)
    assert readable(ring, before) == {DAY_TWO, OTHER}
    assert readable(KeyRing(settings), rest) == {SAME_DAY}


def test_keys_go_with_time_so_that_copies_of_the_database_lose_their_pictures(
    settings: Settings,
) -> None:
    ring = KeyRing(settings)
    sealed = sealed_by(ring)
    shown = ring.seal(DAY_ONE, "masked", b"masked")
    assert ring.expire("original", DAY_TWO.day) == 1
    assert readable(ring, sealed) == {DAY_TWO}
    assert ring.open(DAY_ONE, "masked", shown) == b"masked"
    assert ring.expire("masked", DAY_TWO.day) == 1
    assert ring.days() == [DAY_TWO.day]
    assert ring.expire("original", DAY_TWO.day) == 0


def test_wrapping_anew_that_was_interrupted_loses_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = KeyRing(settings)
    sealed, written = sealed_by(ring), []
    whole = keys.write_secret

    def dies(path: Path, text: str) -> None:
        if path.suffix == ".json" and written:
            raise OSError("the disk is full")
        written.append(path)
        whole(path, text)

    monkeypatch.setattr(keys, "write_secret", dies)
    ring.expire("masked", DAY_ONE.day)
    with pytest.raises(OSError, match="full"):
        ring.destroy("cam-1", [DAY_ONE.day])
    monkeypatch.undo()
    again = KeyRing(settings)
    assert readable(again, sealed) >= {DAY_TWO, OTHER}
    again.destroy("cam-1", [DAY_ONE.day])
    assert readable(again, sealed) - {DAY_ONE, SAME_DAY} == {DAY_TWO, OTHER}
    assert again.seal(DAY_ONE, "masked", b"x")


# --- how many are missed --------------------------------------------------------------------------


def heads(boxes: np.ndarray[Any, Any]) -> Iterator[tuple[int, int, int, int]]:
    """The upper sixth of each box, where faces are, without its sides."""
    for x0, y0, x1, y1 in boxes:
        side = (x1 - x0) / 4
        yield (
            round(x0 + side),
            round(y0),
            max(round(x0 + side) + 1, round(x1 - side)),
            round(y0 + (y1 - y0) / 6) + 1,
        )


def covered(masked: Image, original: Image, head: tuple[int, int, int, int]) -> float:
    x0, y0, x1, y1 = (max(0, edge) for edge in head)
    changed = (masked[y0:y1, x0:x1] != original[y0:y1, x0:x1]).any(axis=2)
    return float(changed.mean()) if changed.size else 1.0


def test_few_are_missed_in_the_simulated_city() -> None:
    masker, missed, people = Masker(Registry()), 0, 0
    for shot in arranged(2001, 10):
        picture = pictures.decode(shot.jpeg)
        masked = masker.cover(picture, "simulated")
        assert masked.whole == ""
        there = np.isin(shot.classes, (PERSON, TWO_WHEELER)) & (shot.visible > 0.5)
        for head in heads(shot.boxes[there]):
            people += 1
            missed += covered(masked.picture, picture, head) < 0.9
    assert people > 90
    assert missed / people < 0.15, f"{missed} of {people}"


def test_nearly_nobody_is_missed_on_vtest() -> None:
    """``docs/privacy.md`` says how many."""
    here = load()
    film, masker = here.data_dir / "video" / "vtest.avi", Masker(registry(here))
    if not film.is_file() or not masker.model("recorded").startswith("person-vehicle-bike-2004"):
        pytest.skip("no vtest.avi, or no person-vehicle-bike-2004: CITYOPS_DATA_DIR has both")
    truth: dict[int, list[list[float]]] = {}
    for line in (Path(__file__).parents[1] / "truth/vtest-frames.txt").read_text().splitlines():
        number, _, left, top, width, height, counts, *_ = map(float, line.split(","))
        if not counts:
            continue
        truth.setdefault(int(number), []).append([left, top, left + width, top + height])
    capture, missed, people = cv2.VideoCapture(str(film)), 0, 0
    for number in range(1, max(truth) + 1):
        capture.grab()
        if number in truth:
            picture = np.asarray(capture.retrieve()[1], np.uint8)
            masked = masker.cover(picture, "recorded")
            for head in heads(np.array(truth[number])):
                people += 1
                missed += covered(masked.picture, picture, head) < 0.9
    assert people == 37
    assert missed <= 1
