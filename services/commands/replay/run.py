"""``cityops replay run``: replays a recording."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from services.commandline import verdict
from services.commandline.output import CommandError, JsonObject, notes
from services.commandline.privileged import Why, given
from services.commandline.recordings import Folder, FromStage, drop_tables
from services.commandline.servers import no_database, no_kafka
from streams.settings import SettingError, Settings, load

if TYPE_CHECKING:
    from services.commandline.replay import Replay
    from streams.recordings.runs import Run

FEWEST = 5
"""A digest over fewer lines says little: ``--digest`` exits with ``EXIT_FEW``."""
EXIT_FEW = 3


def command(
    folder: Folder,
    *,
    speed: Annotated[str, typer.Option(help="Seconds of the recording per second, or max.")] = "1",
    offline: Annotated[
        bool,
        typer.Option("--offline", help="All stages in this process, at full speed, without Kafka."),
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes per group of stages.")] = 1,
    from_stage: Annotated[
        FromStage | None, typer.Option(help="Stage to begin with; default: as recorded.")
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option(
            help="YAML list of rules that hold throughout, instead of the recorded ones;"
            " recorded changes of rules are skipped and counted."
        ),
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            help="NAME@VERSION, the model used throughout for its task instead of the recorded one,"
            " also for cameras added later."
        ),
    ] = "",
    step: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            help="Halt after every so many seconds of the recording, until Enter;"
            " on a terminal, Enter halts a replay at any time.",
        ),
    ] = None,
    digest: Annotated[
        bool,
        typer.Option("--digest", help="Print only the digest; exit 3 below five incidents."),
    ] = False,
    name: Annotated[
        str, typer.Option(help="Name to keep the result under, for 'compare'; default: generated.")
    ] = "",
    tables: Annotated[
        bool,
        typer.Option(
            "--tables",
            help="Also store everything in the replay's own tables, schema replay-NAME;"
            " 'cityops replay remove' deletes them.",
        ),
    ] = False,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep",
            help="Keep the topics and logs of the replay; 'cityops replay remove' deletes them.",
        ),
    ] = False,
    reason: Why = "",
    as_json: JsonObject = False,
) -> None:
    """Replay a recording; its incidents are marked as replayed and alert nobody.

    On a terminal, Enter halts and resumes it.

    Example: cityops replay run rush-hour --speed max --rules stricter.yaml --name stricter
    """
    from psycopg import OperationalError

    from deploy.database.migrate import MigrationError
    from models.manifest import ModelError
    from services.commandline.replay import Replay
    from streams.kafka.broker import PartitionsDifferError
    from streams.kafka.clients import BrokerAwayError
    from streams.kafka.publisher import PublishError
    from streams.recordings import namespace, outcome, runs, trial
    from streams.recordings.files import RecordingError
    from streams.recordings.folder import Recording

    if tables and offline:
        raise CommandError("--tables needs workers, and --offline has none", 2)
    if name == runs.LIVE:
        raise CommandError(f"--name {name}: that is what the live run found", 2)
    settings, name = load(), name or uuid4().hex[:6]
    try:
        recording = Recording(folder)
        namespace.named(settings, name)
        given(settings, "replay:run", str(folder), why=reason, detail=f"name: {name}")
        replay = Replay(settings, recording, from_stage, rules, model)
        run = (
            _offline(replay, name, step)
            if offline
            else _namespace(
                replay, name, _speed(speed), step=step, workers=workers, tables=tables, keep=keep
            )
        )
        runs.keep(recording, run)
    except BrokerAwayError as error:
        raise no_kafka(error, instead="give --offline") from None
    except OperationalError as error:
        raise no_database(error) from None
    except (
        OSError,
        ModelError,
        PartitionsDifferError,
        PublishError,
        RecordingError,
        SettingError,
        MigrationError,
        runs.BadNameError,
        outcome.UnsettledError,
        trial.RulesError,
    ) as error:
        raise CommandError(str(error)) from None
    except KeyboardInterrupt:
        raise CommandError("interrupted; nothing was kept", 130) from None
    verdict.say(recording, run, digest=digest, as_json=as_json)
    if digest and len(run.lines) < FEWEST:
        notes.print(f"{len(run.lines)} incidents and amendments are too few to compare runs by")
        raise typer.Exit(EXIT_FEW)


def _offline(replay: "Replay", name: str, step: float | None) -> "Run":
    from streams.recordings.rerun import Rerun

    rerun = Rerun(replay.partitions)
    found = [incident for piece in replay.slices(step) for incident in rerun.feed(piece)]
    return replay.made(name, "offline", found)


def _namespace(
    replay: "Replay",
    name: str,
    speed: float | None,
    *,
    step: float | None,
    workers: int,
    tables: bool,
    keep: bool,
) -> "Run":
    from streams.kafka.clients import reach
    from streams.recordings import namespace

    settings = namespace.named(replay.settings, name)
    reach(settings)
    if tables:
        _create_tables(settings, name)
    notes.print(f"replaying in namespace {settings.namespace}", highlight=False)
    whole = False
    try:
        found = namespace.run(
            settings,
            replay.steps,
            replay.partitions,
            replay.slices(step),
            after=replay.recording.index.after,
            speed=speed,
            workers=workers,
            tables=tables,
        )
        whole = True
    finally:
        if not keep:
            # What workers said of a replay that came to nothing is why.
            namespace.remove(settings, keep_logs=not whole)
        if tables and not (whole or keep):
            drop_tables(settings)
    if tables:
        notes.print(f'stored: SELECT * FROM "{settings.namespace}".incidents', highlight=False)
    pace = "as fast as possible" if speed is None else f"speed {speed:g}"
    return replay.made(name, f"workers per group: {workers}, {pace}", found)


def _create_tables(settings: Settings, name: str) -> None:
    from deploy.database.migrate import create_namespace

    if not create_namespace(settings, settings.namespace):
        raise CommandError(
            f"replay {name!r} has tables already: give another --name, or"
            " 'cityops replay remove' it first"
        )


def _speed(text: str) -> float | None:
    try:
        speed = None if text == "max" else float(text)
    except ValueError:
        speed = 0
    if speed is not None and not 0.01 <= speed <= 10_000:
        raise CommandError(f"--speed {text!r}: give a number such as 1 or 20, or max", 2)
    return speed
