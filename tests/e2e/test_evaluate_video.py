"""``cityops evaluate video``: a film with every box known, and real footage with our truth."""

import json
from pathlib import Path

import cv2
import pytest

from simulators.city.assets import FRAMES_PER_S
from simulators.scene import Scene
from tests.support.commandline import cityops

SECONDS = 12
TRUTH = Path(__file__).parents[1] / "truth"
NUMBERS = {"person": 1, "two-wheeler": 5, "car": 3, "bus": 3, "truck": 3}
SEEN = 0.4
"""Least part of a thing that shows, or it is ignored."""


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seconds of a rendered street, and its truth beside it, one line a thing."""
    path = tmp_path_factory.mktemp("film") / "street.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FRAMES_PER_S, (640, 360))
    ids: dict[str, int] = {}
    lines = []
    with Scene(seed=7, cameras=["cam-to-hieu"], warm_up_s=90) as scene:
        for number, shot in enumerate(scene.shots(SECONDS), 1):
            writer.write(shot.picture)
            for each in shot.truth:
                track = ids.setdefault(each.id, len(ids) + 1)
                x0, y0, x1, y1 = each.box
                considered = int(each.visible >= SEEN)
                box = f"{x0:.1f},{y0:.1f},{x1 - x0:.1f},{y1 - y0:.1f}"
                lines.append(f"{number},{track},{box},{considered},{NUMBERS[each.label]},1")
    writer.release()
    path.with_suffix(".txt").write_text("\n".join(lines) + "\n")
    return path


def evaluated(*words: object) -> dict[str, object]:
    result = cityops("evaluate", "video", "--model", "street_detector", *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refused(*words: object) -> str:
    result = cityops("evaluate", "video", *words)
    assert result.exit_code != 0
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    return line


def test_a_film_is_measured_against_its_truth(film: Path) -> None:
    said = evaluated("--truth", film.with_suffix(".txt"), film)
    assert (said["pictures"], said["compared"], said["damaged"]) == (60, 60, 0)
    groups = {group["group"]: group for group in said["groups"]}
    two_wheelers = groups["two-wheeler"]
    assert two_wheelers["true"] > 100
    assert two_wheelers["ap50"] > 0.6
    for measure in ("mota", "idf1", "hota"):
        assert 0.4 < two_wheelers[measure] < 1
    # What the truth says of nothing else is not in the result, nor counted against it.
    assert groups.keys() <= {"person", "two-wheeler", "vehicle"}
    only = evaluated("--truth", film.with_suffix(".txt"), "--classes", "two-wheeler", film)
    assert only["groups"] == [two_wheelers]


def shifted(truth: Path, to: Path, *, by: float = 0.0, every: int = 1, number: str = "") -> Path:
    """The truth, moved by pixels, only every so many frames; ``number``: how those are counted."""
    lines = []
    for line in truth.read_text().splitlines():
        frame, track, left, *rest = line.split(",")
        at = int(frame) - 1
        if at % every == 0:
            shown = {"": at + 1, "own": at // every + 1, "fine": at * 5 + 1}[number]
            lines.append(",".join([str(shown), track, str(float(left) + by), *rest]))
    to.write_text("\n".join(lines) + "\n")
    return to


def test_a_truth_of_another_place_is_found_wrong(film: Path, tmp_path: Path) -> None:
    away = shifted(film.with_suffix(".txt"), tmp_path / "away.txt", by=300)
    for group in evaluated("--truth", away, film)["groups"]:
        assert group["ap50"] < 0.1
        assert group["mota"] < 0.1


def measures(said: dict[str, object]) -> list[tuple[object, ...]]:
    return [
        tuple(group[name] for name in ("group", "true", "ap50", "mota", "idf1", "hota"))
        for group in said["groups"]
    ]


def test_numbers_go_by_time_where_the_truth_has_a_rate_of_its_own(
    film: Path, tmp_path: Path
) -> None:
    truth = film.with_suffix(".txt")
    every = evaluated("--truth", truth, "--fps", "0", film)
    fine = shifted(truth, tmp_path / "fine.txt", number="fine")
    assert measures(evaluated("--truth", fine, "--truth-fps", "25", film)) == measures(every)
    # One frame a second of it, by number and by time: the same pictures, the same tracks.
    some = shifted(truth, tmp_path / "some.txt", every=5)
    own = shifted(truth, tmp_path / "own.txt", every=5, number="own")
    by_number = evaluated("--truth", some, "--labelled", film)
    by_time = evaluated("--truth", own, "--truth-fps", "1", film)
    assert by_number["compared"] == by_time["compared"] == SECONDS
    assert measures(by_number) == measures(by_time)
    # Looked at less often, less is followed; what is compared is still what was looked at.
    sparse = evaluated("--truth", truth, "--fps", "1", "--labelled", film)
    assert (sparse["pictures"], sparse["compared"]) == (SECONDS, SECONDS)
    assert [group["ap50"] for group in sparse["groups"]] == pytest.approx(
        [group["ap50"] for group in by_number["groups"]]
    )


def test_frames_without_a_line_count_unless_they_are_not_covered(
    film: Path, tmp_path: Path
) -> None:
    some = shifted(film.with_suffix(".txt"), tmp_path / "some.txt", every=5)
    whole = evaluated("--truth", some, film)
    labelled = evaluated("--truth", some, "--labelled", film)
    assert whole["compared"] > 4 * labelled["compared"]
    assert whole["groups"][0]["mota"] < -1 < labelled["groups"][0]["mota"]
    told = cityops("evaluate", "video", "--model", "street_detector", "--truth", some, film)
    assert "--labelled" in told.stderr
    first = evaluated("--truth", film.with_suffix(".txt"), "--frames", "1-10", film)
    assert first["compared"] == 10


def test_what_cannot_be_measured_is_one_clear_line(film: Path, tmp_path: Path) -> None:
    truth = film.with_suffix(".txt")
    empty, text = tmp_path / "empty.txt", tmp_path / "text.avi"
    empty.write_text("")
    text.write_text("no video")
    street = ("--model", "street_detector")
    assert "no line of it is" in refused("--truth", empty, *street, film)
    assert "No such file" in refused("--truth", tmp_path / "no.txt", *street, film)
    assert "there is no file" in refused("--truth", truth, *street, tmp_path / "no.avi")
    assert "cannot be opened" in refused("--truth", truth, *street, text)
    assert "no model" in refused("--truth", truth, "--model", "nobody", film)
    assert "FIRST-LAST" in refused("--truth", truth, "--frames", "9-3", film)
    assert "CLASS=NAME" in refused("--truth", truth, "--name", "9=cat", film)
    assert "no 'cat'" in refused("--truth", truth, "--classes", "cat", film)
    late = ("--frames", "900-901")
    assert "none of the 60 pictures" in refused("--truth", truth, *street, *late, film)


@pytest.fixture
def footage() -> Path:
    """Real footage, with the detector that cameras which name none get."""
    video = Path("../shared/data/video/vtest.avi")
    model = Path("../shared/data/models/person-vehicle-bike-2004/model.onnx")
    if not video.is_file() or not model.is_file():
        pytest.skip("the footage or its model is not there")
    return video


def defaults(*words: object) -> dict[str, object]:
    data = {"CITYOPS_DATA_DIR": str(Path("../shared/data").resolve())}
    result = cityops("evaluate", "video", *words, "--json", env=data)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.slow
def test_people_of_real_footage_are_found_and_followed(footage: Path) -> None:
    """At five pictures a second with all defaults, against what we drew by hand (tests/truth)."""
    said = defaults("--truth", TRUTH / "vtest.txt", "--labelled", footage)
    (people,) = said["groups"]
    assert (said["fps"], said["compared"]) == (5.0, 42)
    assert people["mota"] >= 0.80
    assert people["idf1"] >= 0.80
    assert people["ap50"] >= 0.90


@pytest.mark.slow
def test_so_are_people_all_over_it(footage: Path) -> None:
    spread = defaults("--truth", TRUTH / "vtest-frames.txt", "--labelled", footage)
    (people,) = spread["groups"]
    assert people["ap50"] >= 0.90
    assert people["mota"] is None
