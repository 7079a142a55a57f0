"""A recording over a moment at which event time went back is refused; beside it, one is made."""

from pathlib import Path

import pytest

from streams.events import DAY, MINUTE, SECOND, Checkpoint, Micros, Tick
from streams.recordings import canonical, capture, path
from streams.recordings.folder import Recording
from streams.recordings.rerun import Rerun
from streams.recordings.rerun import begin as begin_with
from streams.recordings.turns import StoodError, TurnError
from streams.settings import Settings
from tests.support import town
from tests.support.kept import instead_of_kafka
from tests.unit.test_clock_steps import PARTITIONS, START, City, stages

FAR = 40 * DAY


class Minuted(City):
    """That town, with the checkpoints that workers would have kept: of each minute, and at once
    where a worker was started."""

    def __init__(self) -> None:
        super().__init__(1)
        self.checkpoints: list[Checkpoint] = []
        self.minutes: dict[tuple[str, int], Micros] = {}

    def look(self) -> None:
        super().look()
        for run in self.offline.runs:
            place = run.stage.name, run.number
            if self.minutes.get(place) == run.tick // MINUTE:
                continue
            self.minutes[place] = run.tick // MINUTE
            of = run.stage.name, run.stage.reads, run.number
            self.checkpoints.append(Checkpoint(*of, run.next_offset, run.tick, run.encode()))


@pytest.fixture(scope="module")
def city() -> Minuted:
    """From START to +150 s; 100 s with a clock 40 days ahead; 200 s after it was put right."""
    city = Minuted()
    city.live(150)
    city.forward(FAR)
    city.live(100)
    left, landed = city.gaps.pop()
    since, until = landed - MINUTE, city.now
    city.now = START + 250 * SECOND
    city.gaps.append((left, city.now))
    city.tell(Tick(city.now, True, since, until))
    city.look()
    city.live(200)
    return city


@pytest.fixture
def settings(city: Minuted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    instead_of_kafka(monkeypatch, city.offline, city.checkpoints)
    built = {stage.name: stage for stage in stages()}
    monkeypatch.setattr(path, "knowing", lambda _, step: built[step.stage])
    return Settings(partitions=PARTITIONS, state_dir=tmp_path, input_signatures="none")


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        pytest.param(100 * SECOND, 300 * SECOND, id="from before it jumped"),
        pytest.param(200 * SECOND, 300 * SECOND, id="from what it had jumped over"),
        pytest.param(249 * SECOND, 251 * SECOND, id="from just before it came back"),
        pytest.param(FAR + 160 * SECOND, FAR + 200 * SECOND, id="what was undone"),
        pytest.param(FAR + 160 * SECOND, FAR + 400 * SECOND, id="from what was undone"),
    ],
)
def test_a_recording_across_the_turn_is_refused_and_names_one_that_is_made(
    settings: Settings, tmp_path: Path, begin: Micros, end: Micros
) -> None:
    folder = tmp_path / "recording"
    with pytest.raises(TurnError) as refused:
        capture.record(settings, folder, START + begin, START + end)
    assert not folder.exists()
    said = str(refused.value)
    assert "\n" not in said
    back = START + 250 * SECOND
    assert capture.to_rfc3339(START + FAR + 250 * SECOND) in said
    assert f"to {capture.to_rfc3339(back)}" in said
    named = f"can begin at {capture.to_rfc3339(back)} (--from)"
    assert named in said
    index = capture.record(settings, folder, back, back + MINUTE)
    assert sum(file.messages for file in index.segments) > 500


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        pytest.param(70 * SECOND, 130 * SECOND, id="before"),
        pytest.param(70 * SECOND, 200 * SECOND, id="until it jumped"),
        pytest.param(250 * SECOND, 340 * SECOND, id="from the turn on"),
        pytest.param(275 * SECOND, 400 * SECOND, id="after"),
    ],
)
def test_a_recording_on_one_side_of_it_is_as_the_live_run(
    settings: Settings, tmp_path: Path, begin: Micros, end: Micros
) -> None:
    folder = tmp_path / "recording"
    index = capture.record(settings, folder, START + begin, START + end)
    assert index.kinds
    recording = Recording(folder)
    again = Rerun(begin_with(stages(), PARTITIONS, recording.states(), town.TOPICS))
    found = [incident for piece in recording.slices() for incident in again.feed(piece)]
    lines = canonical.log(found, index.after, index.until)
    assert canonical.digest(lines, seen_by=index.seen_by) == index.digest


def test_where_nothing_ran_that_is_said(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "recording"
    with pytest.raises(StoodError, match="event time went on at"):
        capture.record(settings, folder, START + 170 * SECOND, START + 230 * SECOND)
    assert not folder.exists()
