"""What a replay found, and what two of them differ in, as the command line says it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from services.commandline.output import console, emit, notes

if TYPE_CHECKING:
    from streams.recordings.folder import Recording
    from streams.recordings.runs import Difference, Run

COLUMNS = ("change", "kind", "where", "first", "second")


def say(recording: "Recording", run: "Run", *, digest: bool, as_json: bool) -> None:
    # Pictures seen by another machine are another digest, and may be the same incidents.
    same = [line.encode() for line in run.lines] == recording.incidents()
    if as_json:
        shown = {**msgspec.to_builtins(run), "same_as_live": same}
        emit(shown, as_json=True)
        return
    kinds = ", ".join(f"{n} {kind}" for kind, n in run.kinds.items()) or "none"
    if digest:
        console.print(run.digest, highlight=False)
        notes.print(kinds, highlight=False)
        if run.machine:
            notes.print(f"pictures seen by {run.machine}", highlight=False)
        return
    verdict = "as in the live run" if same else "not as in the live run"
    console.print(
        f"{run.name}: {run.how}\nincidents and amendments: {kinds}, {verdict}\ndigest {run.digest}",
        highlight=False,
        soft_wrap=True,
    )
    if not same:
        console.print(
            f"differences: cityops replay compare {recording.folder} live {run.name}",
            highlight=False,
            soft_wrap=True,
        )


def write_page(
    page: Path, recording: "Recording", names: tuple[str, str], found: "list[Difference]"
) -> None:
    """Raises streams.recordings.files.RecordingError where what proves an incident is nothing."""
    import cv2

    from services.commandline.differences import html, photographs
    from services.privacy.masker import Masker
    from streams.recordings.files import RecordingError
    from streams.settings import load

    masker = Masker.from_settings(load())
    try:
        pictures = photographs(recording, found, masker)
        text = html(recording.folder.name, names, found, pictures)
    except (ValueError, TypeError, ArithmeticError, cv2.error) as error:
        said = " ".join(str(error).split())
        raise RecordingError(
            f"{recording.folder}: what proves an incident cannot be drawn: {said}"
        ) from None
    page.write_text(text)
    notes.print(f"{page}: {len(found)} differences", highlight=False, soft_wrap=True)


def say_differences(found: "list[Difference]", *, as_json: bool) -> None:
    from services.commandline.since import local
    from streams.events import to_rfc3339

    def when(times: dict[str, Any] | None) -> str | None:
        return local(to_rfc3339(times["decided_at"])) if times else None

    if as_json:
        emit(msgspec.to_builtins(found), as_json=True)
        return
    rows = [
        {
            "change": difference.change,
            "kind": difference.kind,
            "where": " ".join([*difference.sources, difference.zone]).strip(),
            "first": when(difference.first),
            "second": when(difference.second),
        }
        for difference in found
    ]
    emit(rows, as_json=False, columns=COLUMNS, empty="no difference")
