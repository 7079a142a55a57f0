"""What people see as evidence: everything that is claimed is on the picture, and only that."""

import cv2
import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from services.alerts import charts
from services.alerts.canvas import AMBER, CYAN, FAINT, INK, Canvas, blank
from services.alerts.exhibits import Exhibit, Outline, Sample, exhibit
from services.alerts.pictures import Caption, render, strip
from services.alerts.words import decimal, local_time, word
from services.privacy.masker import Masked
from streams.events import Evidence
from tests.support.alerting import START

CAPTION = Caption("Xe dừng trên làn — Cầu Rào", "MÔ PHỎNG", START, "street_detector 1.0.0", "vi")


def plain(width: int = 640, height: int = 360, grey: int = 90) -> Masked:
    return Masked(np.full((height, width, 3), grey, np.uint8), "")


def decoded(data: bytes) -> NDArray[np.uint8]:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image


def shown(**changes: object) -> Exhibit:
    fields = {"source": "cam-1", "time": START, "model": "street_detector@1.0.0"}
    return Exhibit(**{**fields, **changes})  # type: ignore[arg-type]


def near(image: NDArray[np.uint8], colour: tuple[int, int, int]) -> NDArray[np.bool_]:
    return (np.abs(image.astype(int) - colour) < 60).all(axis=2)


def test_a_box_is_drawn_where_it_was_seen_and_nowhere_else() -> None:
    box = Outline(200, 100, 300, 160, "car", 0.91)
    picture = decoded(render(plain(), shown(boxes=(box,)), CAPTION))
    factor = picture.shape[1] // 640
    rows, columns = np.nonzero(near(picture[: 360 * factor], AMBER))
    assert abs(columns.min() - 200 * factor) <= 3
    assert abs(columns.max() - 300 * factor) <= 3
    assert abs(rows.max() - 160 * factor) <= 3
    inside = picture[110 * factor : 150 * factor, 210 * factor : 290 * factor]
    assert np.abs(inside.astype(int) - 90).max() <= 4


def test_the_zone_is_drawn_in_fractions_of_the_picture() -> None:
    zone = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
    picture = decoded(render(plain(), shown(zone=zone), CAPTION))[:-60]
    height, width = 720, 1280
    _, columns = np.nonzero(near(picture, CYAN))
    assert abs(columns.min() - width // 4) <= 4
    assert abs(columns.max() - 3 * width // 4) <= 4
    outside = picture[: height // 5]
    assert np.abs(outside.astype(int) - 90).max() <= 4


def test_a_line_is_drawn_from_end_to_end_and_has_no_inside() -> None:
    line = ((0.25, 0.25), (0.75, 0.75))
    picture = decoded(render(plain(), shown(zone=line), CAPTION))[:-60]
    rows, columns = np.nonzero(near(picture[:720], CYAN))
    assert abs(columns.min() - 320) <= 4
    assert abs(columns.max() - 960) <= 4
    assert np.abs(rows - columns * 720 / 1280).max() <= 6
    assert np.abs(picture[300, 900].astype(int) - 90).max() <= 4


def test_boxes_at_the_edges_keep_their_labels_on_the_picture() -> None:
    boxes = tuple(
        Outline(x, y, x + 20, y + 20, "two-wheeler", 0.5) for x in (0, 620) for y in (0, 340)
    )
    picture = decoded(render(plain(), shown(boxes=boxes), CAPTION))
    assert near(picture[:40, :200], AMBER).sum() > 500
    assert near(picture[:40, -200:], AMBER).sum() > 500


def test_every_vietnamese_letter_is_drawn_as_itself() -> None:
    """The built-in font shows two letters as others; the canvas must not."""
    bases = ["a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y"]
    marks = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
    letters = [base + mark for base in bases for mark in marks] + ["d", "đ", "?"]
    letters += [letter.upper() for letter in letters]
    drawn: dict[bytes, str] = {}
    for letter in letters:
        canvas = Canvas(blank(960, 80))
        canvas.text(letter, (10, 60), 48, INK)
        image = canvas.image.tobytes()
        assert image not in drawn or drawn[image] == letter, (letter, drawn.get(image))
        drawn[image] = letter


def test_a_long_title_is_cut_before_the_badge() -> None:
    long = CAPTION._replace(title="Rất dài " * 40)
    assert strip(640, long).shape == strip(640, CAPTION).shape
    canvas = Canvas(blank(960, 40))
    assert canvas.fit(long.title, 18, 200).endswith("…")
    assert canvas.text_width(canvas.fit(long.title, 18, 200), 18) <= 200


def test_the_caption_can_be_left_out() -> None:
    picture = decoded(render(plain(), shown(), CAPTION, below=False))
    assert picture.shape == (720, 1280, 3)
    series = (Sample(START, 1.0, 0.1), Sample(START + 5_000_000, 2.0, 0.9))
    chart = decoded(charts.chart(shown(series=series), CAPTION, below=False))
    assert chart.shape == (charts.HEIGHT, charts.WIDTH, 3)


def test_what_is_written_is_in_the_readers_language() -> None:
    assert local_time(START, "en") == "2026-11-18 18:06:40.000 +07"
    assert local_time(START, "vi") == "18/11/2026 18:06:40,000 +07"
    assert (decimal("0.91", "vi"), decimal("0.91", "en")) == ("0,91", "0.91")
    assert (word("truck", "vi"), word("truck", "en")) == ("xe tải", "truck")
    assert word("tram", "vi") == "tram"


def test_a_chart_breaks_where_nothing_was_measured() -> None:
    series = tuple(
        Sample(START + n * 5_000_000, None if 20 <= n < 30 else 50.0 + n, 0.1) for n in range(60)
    )
    image = decoded(charts.chart(shown(metric="speed", series=series), CAPTION))
    line = near(image[: charts.VALUES_END + 5], INK).any(axis=0)
    width = charts.WIDTH - charts.LEFT - charts.RIGHT
    middle = charts.LEFT + round(24.5 / 59 * width)
    assert not line[middle - 20 : middle + 20].any()
    assert line[charts.LEFT + 20]
    assert line[charts.WIDTH - charts.RIGHT - 20]


def test_a_chart_of_one_value_shows_it_away_from_the_axis() -> None:
    proof = shown(metric="speed", series=(Sample(START, 1.0, None),), time=START)
    image = decoded(charts.chart(proof, CAPTION, limit=0.5))
    rows, columns = near(image[charts.TOP - charts.DOT : charts.SCORES_TOP - 40], INK).nonzero()
    middle = charts.LEFT + round((charts.WIDTH - charts.LEFT - charts.RIGHT) / 2)
    assert {np.ptp(rows), np.ptp(columns)} == {2 * charts.DOT}
    assert abs(np.median(columns) - middle) <= 1


def test_a_chart_shows_the_moment_and_what_was_expected() -> None:
    series = tuple(Sample(START + n * 5_000_000, 50.0 if n < 8 else 20.0, 0.1) for n in range(9))
    plain = shown(metric="speed", series=series, time=START + 20_000_000)
    banded = msgspec.structs.replace(plain, between=(22.0, 30.0))
    for proof, limit, lines in ((plain, None, 0), (plain, 30.0, 1), (banded, None, 2)):
        image = decoded(charts.chart(proof, CAPTION, limit=limit))
        left = image[charts.TOP + 60 : charts.VALUES_END + 2, charts.LEFT + 3 : charts.LEFT + 9]
        faint = np.flatnonzero(near(left, FAINT).all(axis=1))
        assert np.count_nonzero(np.diff(faint, prepend=-9) > 3) == lines
        middle = charts.LEFT + round((charts.WIDTH - charts.LEFT - charts.RIGHT) / 2)
        column = image[charts.SCORES_TOP - 50 : charts.SCORES_TOP - 30, middle - 1 : middle + 2]
        assert near(column, FAINT).any(axis=1).all()


def test_a_chart_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no readings"):
        charts.chart(shown(series=(Sample(START, None, None),)), CAPTION)


@pytest.mark.parametrize(("low", "high"), [(0, 0), (3, 3), (-5, 7), (0.001, 0.0042), (0, 9e6)])
def test_a_scale_holds_its_values_in_few_steps(low: float, high: float) -> None:
    bottom, top, step = charts.scale(low, high)
    assert bottom <= low <= high <= top
    assert 1 <= round((top - bottom) / step) <= 7


def test_stored_units_become_pixels_and_fractions() -> None:
    nan = float("nan")
    made = exhibit(
        Evidence("loop-1", START, "m@1", metric="flow", series=((1, 2.5, 65535), (2, nan, 250)))
    )
    assert made.series == (Sample(1, 2.5, None), Sample(2, None, 0.25))
    assert (made.model_name, made.model_version) == ("m", "1")
