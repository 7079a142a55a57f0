"""``cityops record``: records a stretch of the day, for replays."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from services.commandline.output import CommandError, JsonObject, console, emit, notes
from services.commandline.privileged import Why, given
from services.commandline.recordings import FromStage, unseen
from services.commandline.servers import no_kafka
from services.commandline.since import HELP as TIME_HELP
from services.commandline.since import now_heard, parse_since
from streams.settings import Settings, load

if TYPE_CHECKING:
    from streams.events import Micros
    from streams.recordings.folder import Index


def command(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder to create; it must not exist.")
    ],
    *,
    seconds: Annotated[
        float | None, typer.Option(min=1, help="Record this long from now; 60 if no time is given.")
    ] = None,
    from_: Annotated[str, typer.Option("--from", help=TIME_HELP)] = "",
    to: Annotated[str, typer.Option(help=TIME_HELP)] = "",
    from_stage: Annotated[
        FromStage,
        typer.Option(help="detect: also the pictures, so that another model can be tried."),
    ] = FromStage.interpret,
    reason: Why = "",
    as_json: JsonObject = False,
) -> None:
    """Record all input, and what the stages knew when it began, so that it can be replayed.

    Example: cityops record -o rush-hour --from 20m --to 5m
    """
    from rich.progress import Progress

    from streams.events import to_rfc3339
    from streams.feeds.registry import city_lateness
    from streams.kafka.clients import BrokerAwayError
    from streams.recordings import capture, made, outcome
    from streams.recordings.files import RecordingError
    from streams.recordings.rewind import BehindError, TooEarlyError
    from streams.recordings.spans import LostError
    from streams.recordings.turns import StoodError, TurnError

    settings = load()
    try:
        after, until = _window(settings, seconds, from_, to)
        span = f"{to_rfc3339(after)} to {to_rfc3339(until)}, from {from_stage.value}"
        given(settings, "recording:make", str(output), why=reason, detail=span)
        with Progress(console=notes, transient=True) as progress:
            task = progress.add_task("recording", total=until + city_lateness() - after)
            index = capture.record(
                settings,
                output,
                after,
                until,
                from_stage=from_stage.value,
                progress=lambda time: progress.update(task, completed=time - after),
            )
    except BrokerAwayError as error:
        raise no_kafka(error) from None
    except (
        LostError,
        RecordingError,
        BehindError,
        StoodError,
        TooEarlyError,
        TurnError,
        capture.NoTicksError,
        outcome.UnsettledError,
        OSError,
    ) as error:
        raise CommandError(str(error)) from None
        made.note(settings, output)
    except KeyboardInterrupt:
        raise CommandError(f"interrupted; {output} is not complete", 130) from None
    _say(index, output, as_json=as_json)


def _window(
    settings: Settings, seconds: float | None, from_: str, to: str
) -> "tuple[Micros, Micros]":
    from streams.events import SECOND, from_rfc3339
    from streams.recordings.capture import next_tick

    if to and not from_:
        raise CommandError("--to needs --from", 2)
    if to and seconds:
        raise CommandError("give --to or --seconds, not both", 2)
    if not from_:
        after = next_tick(settings)
        return after, after + round((seconds or 60) * SECOND)
    now = now_heard(settings)
    after = from_rfc3339(parse_since(from_, now, "--from"))
    end = from_rfc3339(parse_since(to or "0s", now, "--to"))
    until = after + round(seconds * SECOND) if seconds else end
    if until <= after:
        raise CommandError("it ends before it begins: --to must be later than --from", 2)
    return after, until


def _say(index: "Index", folder: Path, *, as_json: bool) -> None:
    from streams.events import SECOND, to_rfc3339

    if as_json:
        emit(msgspec.to_builtins(index), as_json=True)
        return
    if index.unseen:
        notes.print(unseen(index), highlight=False, soft_wrap=True)
    size = sum(file.bytes for file in (index.states, index.incidents, *index.segments))
    messages = sum(file.messages for file in index.segments)
    kinds = ", ".join(f"{n} {kind}" for kind, n in index.kinds.items()) or "none"
    console.print(
        f"{folder}: {(index.until - index.after) / SECOND:.0f} s from {to_rfc3339(index.after)}, "
        f"{messages:,} messages, {size / 2**20:.1f} MiB\n"
        f"incidents and amendments: {kinds}\ndigest {index.digest}",
        highlight=False,
        soft_wrap=True,
    )
