"""Recordings that were made here are found again, those that hold pictures of a time."""

import shutil
from pathlib import Path

import msgspec
import pytest

from streams.events import HOUR, SECOND
from streams.recordings import made
from streams.recordings.folder import INDEX, Recording
from streams.settings import Settings

TOWN = Path(__file__).parents[1] / "pinned" / "town"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path / "state")


def recording(folder: Path, from_stage: str) -> Recording:
    """As the pinned one, which is whole."""
    shutil.copytree(TOWN, folder)
    index = msgspec.json.decode((folder / INDEX).read_bytes())
    (folder / INDEX).write_bytes(msgspec.json.encode({**index, "from_stage": from_stage}))
    return Recording(folder)


def test_those_with_pictures_of_the_time_are_found_wherever_they_are_noted(
    settings: Settings, tmp_path: Path
) -> None:
    pictures = recording(tmp_path / "pictures", "detect")
    without = recording(tmp_path / "boxes", "interpret")
    elsewhere = recording(tmp_path / "archive" / "of 2026", "detect")
    for one in (pictures, without):
        made.note(settings, one.folder)
    made.note(settings, tmp_path / "deleted")
    span = pictures.index.after + SECOND, pictures.index.until
    assert made.with_pictures(settings, [], *span) == [pictures.folder]
    assert made.with_pictures(settings, [tmp_path / "archive"], *span) == [
        pictures.folder,
        elsewhere.folder,
    ]
    late = pictures.index.end + SECOND
    assert made.with_pictures(settings, [tmp_path], late, late + HOUR) == []
    early = pictures.index.after
    assert made.with_pictures(settings, [tmp_path], early - HOUR, early) == []


def test_without_a_list_there_is_none(settings: Settings) -> None:
    assert made.noted(settings) == []
