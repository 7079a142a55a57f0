"""What recording and replaying share: its folder, its beginning, its tables."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.settings import Settings

if TYPE_CHECKING:
    from streams.recordings.folder import Index

Folder = Annotated[Path, typer.Argument(help="The folder that 'cityops record -o' wrote.")]


class FromStage(StrEnum):
    detect = "detect"
    interpret = "interpret"


def unseen(index: "Index") -> str:
    """What the live run missed, and what that means for a replay from detect."""
    frames = ", ".join(f"{number} of {camera}" for camera, number in index.unseen.items())
    return (
        f"frames that the live run did not see, their model was not there: {frames};"
        " a replay that has it finds more"
    )


def drop_tables(settings: Settings) -> bool:
    """Those of a replay; False where there were none.

    Raises psycopg.OperationalError, SettingError.
    """
    from deploy.database.migrate import drop_namespace
    from streams.recordings import tables

    had = tables.exist(settings)
    if had:
        drop_namespace(settings, settings.namespace)
    return had
