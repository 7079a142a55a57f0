"""``cityops replay remove``: deletes everything that a replay has left."""

from typing import TYPE_CHECKING, Annotated

import typer

from services.commandline.output import CommandError, notes
from services.commandline.privileged import Why, given
from services.commandline.recordings import Folder, drop_tables
from services.commandline.servers import no_kafka
from streams.settings import SettingError, Settings, load

if TYPE_CHECKING:
    from streams.recordings.folder import Recording


def command(
    folder: Folder,
    *,
    name: Annotated[str, typer.Option(help="Name of the replay.")],
    reason: Why = "",
) -> None:
    """Delete the topics, the tables, the logs and the result of a replay.

    Example: cityops replay remove rush-hour --name stricter
    """
    from streams.kafka.clients import BrokerAwayError
    from streams.recordings import runs
    from streams.recordings.files import RecordingError
    from streams.recordings.folder import Recording

    if name == runs.LIVE:
        raise CommandError(f"--name {name}: that is what the live run found", 2)
    try:
        settings, recording = load(), Recording(folder)
        runs.checked(name)
        given(settings, "replay:remove", str(folder), why=reason, detail=f"name: {name}")
        _remove(settings, recording, name)
    except BrokerAwayError as error:
        raise no_kafka(error) from None
    except (OSError, RecordingError, runs.BadNameError) as error:
        raise CommandError(str(error)) from None


def _remove(settings: Settings, recording: "Recording", name: str) -> None:
    from psycopg import OperationalError

    from streams.kafka.clients import reach
    from streams.recordings import namespace, runs

    settings = namespace.named(settings, name)
    reach(settings)
    said = ""
    try:
        tables = drop_tables(settings)
    except (OperationalError, SettingError):
        tables, said = False, "; tables were not looked for, as there is no database"
    logged = namespace.logs(settings).exists()
    topics = namespace.remove(settings)
    had = runs.remove(recording, name)
    if not (topics or had or logged or tables):
        raise CommandError(f"there is no replay {name!r}{said}")
    parts = [f"{len(topics)} topics"] + ["its tables"] * tables
    notes.print(f"removed {name}: {', '.join(parts)}{said}", highlight=False)
