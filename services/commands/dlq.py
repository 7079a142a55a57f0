"""``cityops dlq``: what could not be used, why, and a second try."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commands.output import CommandError, console, emit, notes
from streams.events import BadMessage, Mark, to_rfc3339
from streams.settings import Settings, load

if TYPE_CHECKING:
    from streams.kafka.dead_letters import Found

app = typer.Typer(no_args_is_help=True, help="Dead letters: list, show, retry.")

COLUMNS = ("id", "reason", "topic", "partition", "offset", "time", "bytes", "detail")
Id = Annotated[str, typer.Argument(help="As `cityops dlq list` prints it: PARTITION:OFFSET.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_letters(
    *,
    limit: Annotated[int, typer.Option(min=1, help="The latest so many.")] = 50,
    reason: Annotated[str, typer.Option(help="Only those with this reason.")] = "",
    topic: Annotated[str, typer.Option(help="Only those of this topic, e.g. frames.")] = "",
    as_json: AsJson = False,
) -> None:
    """List what could not be used, in the order of event time.

    Example: cityops dlq list --reason checksum --topic frames
    """
    from streams.kafka import dead_letters
    from streams.kafka.publisher import BrokerAwayError

    settings = load()
    try:
        found = dead_letters.latest(settings, max(limit, 1000) if reason or topic else limit)
    except BrokerAwayError as error:
        raise CommandError(str(error)) from None
    rows = [
        _row(each)
        for each in found
        if reason in ("", each.letter.reason) and topic in ("", each.letter.topic)
    ]
    emit(rows[-limit:], as_json=as_json, columns=COLUMNS, empty="no dead letters")


@app.command()
def show(
    id: Id,
    *,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the original bytes here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show one of them with its headers, and keep its bytes.

    Example: cityops dlq show 2:17 -o message.bin
    """
    found = _fetch(load(), id)
    headers = {
        name: value.decode(errors="backslashreplace") for name, value in found.letter.headers
    }
    row = {**_row(found), "headers": headers}
    if output is not None:
        try:
            output.write_bytes(found.letter.value)
        except OSError as error:
            raise CommandError(f"{output}: {error.strerror}") from None
        notes.print(f"wrote {len(found.letter.value)} bytes to {output}", highlight=False)
    if as_json:
        emit(row, as_json=True)
        return
    for name, value in row.items():
        if name == "headers":
            for header, text in headers.items():
                console.print(f"  {header}: {text}", highlight=False, markup=False)
        else:
            console.print(f"{name}: {value}", highlight=False, markup=False)


@app.command()
def retry(id: Id) -> None:
    """Send the original message again, to where it came from, as it was.

    For what has become usable since: its source is known now, or a new version reads it.

    Example: cityops dlq retry 2:17
    """
    from streams.kafka.publisher import BrokerAwayError, Publisher, PublishError

    settings = load()
    letter = _fetch(settings, id).letter
    if letter.reason == "oversized":
        raise CommandError(f"{id} was too large, and is not kept whole: it cannot be sent again")
    if _is_marked(letter.headers):
        raise CommandError(f"{id} came from a stage of ours: sent again it would not count")
    try:
        publisher = Publisher(settings, "dlq")
        publisher.publish_raw(letter.topic, letter.partition, list(letter.headers), letter.value)
        publisher.close()
    except (BrokerAwayError, PublishError) as error:
        raise CommandError(str(error)) from None
    notes.print(f"sent {id} to {letter.topic}/{letter.partition} again", highlight=False)


def _fetch(settings: Settings, id: str) -> "Found":
    from streams.kafka import dead_letters
    from streams.kafka.publisher import BrokerAwayError

    try:
        partition, offset = map(int, id.split(":"))
    except ValueError:
        raise CommandError(f"{id!r} is not PARTITION:OFFSET: see 'cityops dlq list'") from None
    try:
        return dead_letters.fetch(settings, partition, offset)
    except (LookupError, BrokerAwayError) as error:
        raise CommandError(f"no dead letter {id}: {error}") from None


def _row(found: "Found") -> dict[str, Any]:
    letter = found.letter
    return {
        "id": found.id,
        "reason": letter.reason,
        "detail": letter.detail,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "time": to_rfc3339(letter.time) if letter.time else None,
        "bytes": len(letter.value),
        "header_bytes": sum(len(name) + len(value) for name, value in letter.headers),
        "stage": found.mark.stage if found.mark else None,
    }


def _is_marked(headers: tuple[tuple[str, bytes], ...]) -> bool:
    for name, value in headers:
        if name == "ce_mark":
            try:
                Mark.parse(value.decode(errors="replace"))
            except BadMessage:
                continue
            return True
    return False
