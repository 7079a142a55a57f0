"""Recordings that were made on this machine, so that pictures in them can be found again."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from streams.events import Micros
from streams.recordings.files import RecordingError
from streams.recordings.folder import INDEX, Recording
from streams.settings import Settings
from streams.stages.detect import Detect

LIST = "recordings.txt"
"""In the state folder: one folder a line."""


def note(settings: Settings, folder: Path) -> None:
    """Raises OSError where it cannot be written."""
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    with (settings.state_dir / LIST).open("a", encoding="utf-8") as file:
        file.write(f"{folder.resolve()}\n")


def noted(settings: Settings) -> list[Path]:
    """Those that are still there."""
    try:
        lines = (settings.state_dir / LIST).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [Path(line) for line in dict.fromkeys(lines) if (Path(line) / INDEX).is_file()]


def with_pictures(
    settings: Settings, folders: Iterable[Path], after: Micros, until: Micros
) -> list[Path]:
    """Recordings with pictures of that time, of whatever cameras, among those noted and those
    that lie somewhere in ``folders``."""
    found = noted(settings)
    found += [path.parent for folder in folders for path in sorted(folder.rglob(INDEX))]
    kept = []
    for folder in dict.fromkeys(path.resolve() for path in found):
        with suppress(RecordingError):
            index = Recording(folder).index
            if index.from_stage == Detect.name and index.after < until and after <= index.end:
                kept.append(folder)
    return kept
