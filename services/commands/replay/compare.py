"""``cityops replay compare``: the differences between two runs of a recording."""

from pathlib import Path
from typing import Annotated

import typer

from services.commandline import verdict
from services.commandline.output import CommandError, JsonArray
from services.commandline.recordings import Folder


def command(
    folder: Folder,
    first: Annotated[str, typer.Argument(help="Name of a kept result, or live.")],
    second: Annotated[str, typer.Argument(help="Name of another kept result, or live.")],
    *,
    page: Annotated[
        Path | None, typer.Option("-o", "--output", help="A page (HTML) with the pictures.")
    ] = None,
    as_json: JsonArray = False,
) -> None:
    """Show the differences between two runs of a recording: incidents gained, lost and moved.

    Example: cityops replay compare rush-hour live stricter -o page.html
    """
    from streams.recordings import runs
    from streams.recordings.folder import Recording, RecordingError

    try:
        recording = Recording(folder)
        found = runs.compare(runs.load(recording, first), runs.load(recording, second))
        if page:
            verdict.write_page(page, recording, (first, second), found)
    except (OSError, RecordingError) as error:
        raise CommandError(str(error)) from None
    verdict.say_differences(found, as_json=as_json)
