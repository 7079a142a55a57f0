"""``cityops replay compare``: the differences between two runs of a recording."""

from pathlib import Path
from typing import Annotated

import typer

from services.commandline import verdict
from services.commandline.output import CommandError, JsonArray
from services.commandline.privileged import Why, given
from services.commandline.recordings import Folder
from streams.settings import load


def command(
    folder: Folder,
    first: Annotated[str, typer.Argument(help="Name of a kept result, or live.")],
    second: Annotated[str, typer.Argument(help="Name of another kept result, or live.")],
    *,
    page: Annotated[
        Path | None, typer.Option("-o", "--output", help="A page (HTML) with the pictures.")
    ] = None,
    reason: Why = "",
    as_json: JsonArray = False,
) -> None:
    """Show the differences between two runs of a recording: incidents gained, lost and moved.

    Example: cityops replay compare rush-hour live stricter -o page.html
    """
    from streams.recordings import runs
    from streams.recordings.files import RecordingError
    from streams.recordings.folder import Recording

    try:
        recording = Recording(folder)
        found = runs.compare(runs.load(recording, first), runs.load(recording, second))
        if page:
            names = f"{first} and {second}"
            given(load(), "replay:compare", str(folder), why=reason, detail=names)
            verdict.write_page(page, recording, (first, second), found)
    except (OSError, RecordingError) as error:
        raise CommandError(str(error)) from None
    verdict.say_differences(found, as_json=as_json)
