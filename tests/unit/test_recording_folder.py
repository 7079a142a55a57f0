"""A recording on disk: what was written comes back, and what is wrong with a file is said of it."""

from pathlib import Path

import pytest

from streams.recordings import canonical, folder
from streams.recordings.files import RecordingError
from streams.recordings.folder import Index, Recording, Slice, State, Writer

SLICES = [
    Slice(tick, [("readings", n, [("ce_type", b"x")], bytes([n]) * 100) for n in range(3)])
    for tick in range(1, 40)
]
STATES = [State("score", "readings", 0, b"what it knew")]
LINES = [b'{"id":"a"}', b'{"id":"b"}']
NEWEST = [("format", folder.FORMAT), ("log", canonical.VERSION)]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recording of several segments."""
    monkeypatch.setattr(folder, "SEGMENT_BYTES", 3000)
    made = tmp_path / "recording"
    writer = Writer(made)
    for piece in SLICES:
        writer.add(piece)
    index = Index(
        format=folder.FORMAT,
        cityops="0",
        namespace="test",
        partitions=3,
        from_stage="interpret",
        after=0,
        until=30,
        end=39,
        log=canonical.VERSION,
        digest=canonical.digest(LINES),
        kinds={},
        models=[],
        states=writer.states(STATES),
        incidents=writer.incidents(canonical.whole(LINES)),
        segments=[],
    )
    writer.close(index)
    return made


def test_what_was_written_comes_back(place: Path) -> None:
    recording = Recording(place)
    assert list(recording.slices()) == SLICES
    assert recording.states() == STATES
    assert recording.incidents() == LINES
    recording.check()
    segments = recording.index.segments
    assert len(segments) > 2
    assert recording.messages == 3 * len(SLICES)
    assert (segments[0].first, segments[-1].last) == (1, 39)
    assert [a.last + 1 for a in segments[:-1]] == [b.first for b in segments[1:]]


@pytest.mark.parametrize("name", ["000002.zst", "states.zst", "incidents.zst"])
def test_a_file_that_is_cut_short_altered_or_gone_is_named(place: Path, name: str) -> None:
    path = place / name
    content = path.read_bytes()
    path.write_bytes(content[:-1])
    with pytest.raises(RecordingError, match=rf"{name} is cut short: {len(content) - 1} of"):
        Recording(place).check()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(RecordingError, match=f"{name} was altered"):
        Recording(place).check()
    path.unlink()
    with pytest.raises(RecordingError, match=f"{name} is missing"):
        Recording(place).check()


def test_reading_finds_it_too(place: Path) -> None:
    path = place / "000003.zst"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(RecordingError, match=r"000003\.zst is cut short"):
        list(Recording(place).slices())


def test_a_folder_that_is_none_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cityops record -o"):
        Recording(tmp_path)
    with pytest.raises(RecordingError, match="cityops record -o"):
        Recording(tmp_path / "nowhere")


def test_an_index_that_cannot_be_read_is_named(place: Path) -> None:
    path = place / folder.INDEX
    whole = path.read_text()
    newer = [whole.replace(f'"{name}": {known}', f'"{name}": 9') for name, known in NEWEST]
    for text in (whole[:50], "[]", *newer):
        assert text != whole
        path.write_text(text)
        with pytest.raises(RecordingError, match=r"recording\.json"):
            Recording(place)


def test_nothing_is_written_over(place: Path) -> None:
    with pytest.raises(RecordingError, match="is not empty"):
        Writer(place)


def test_what_was_interrupted_is_no_recording(tmp_path: Path) -> None:
    Writer(tmp_path / "begun").states(STATES)
    with pytest.raises(RecordingError, match="is not a recording"):
        Recording(tmp_path / "begun")
