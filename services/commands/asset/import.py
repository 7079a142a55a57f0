"""``cityops asset import``: adds and changes assets as a GeoJSON file says."""
# ruff: noqa: N999 (the command is called so)

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commandline.assets import parts
from services.commandline.connection import connected
from services.commandline.output import CommandError, JsonObject, console, emit, notes

if TYPE_CHECKING:
    from services.api.client import Client

MOST_BYTES = 32 * 2**20
CHECK_SECONDS = 180.0
"""For which the service may work out and check what a large file asks for."""


def command(
    *,
    file: Annotated[Path, typer.Argument(help="A GeoJSON FeatureCollection; - is standard input.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
    as_json: JsonObject = False,
) -> None:
    """Add the assets of a file, and change those that are there: all of them or none.

    Nothing else goes, and what a feature says nothing of stays. Done again it changes nothing. A
    feature that cannot be is named by its index from 0, with the reason.

    Example: cityops asset import assets.geojson --dry-run
    """
    features = _read(file)
    with connected(timeout_seconds=CHECK_SECONDS) as client:
        answer = _send(client, features, dry_run=dry_run)
    if as_json:
        emit(answer, as_json=True)
        return
    verb = "would be" if dry_run else "are"
    console.print(
        f"{answer['received']} assets: {answer['added']} {verb} added, {answer['changed']} changed,"
        f" {answer['unchanged']} are as the file says"
    )


def _read(file: Path) -> list[Any]:
    """The features, each looked at; raises CommandError."""
    import msgspec

    from models.files import read_file
    from streams.configuration import geojson

    try:
        data = msgspec.json.decode(
            read_file(Path("/dev/stdin" if str(file) == "-" else file), MOST_BYTES)
        )
        geojson.read(data)
    except OSError as error:
        raise CommandError(str(error), 2) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CommandError(f"{file} is no JSON: {error}", 2) from None
    except geojson.GeoJsonError as error:
        raise CommandError(f"{file}: {error}", 2) from None
    return geojson.features(data)


def _send(client: "Client", features: list[Any], *, dry_run: bool) -> dict[str, Any]:
    from uuid import uuid4

    from rich.progress import Progress

    pieces, upload = list(parts(features)), uuid4().hex
    answer: dict[str, Any] = {}
    with Progress(console=notes, transient=True, disable=not notes.is_terminal) as progress:
        task = progress.add_task("sending", total=len(features) or 1)
        for number, piece in enumerate(pieces, 1):
            if number == len(pieces):
                progress.update(task, description="checking" if dry_run else "checking, storing")
            query = f"upload={upload}&part={number}&parts={len(pieces)}"
            path = "/api/assets/import?" + query + ("&dry_run=true" if dry_run else "")
            answer = client.post(path, {"type": "FeatureCollection", "features": piece})
            progress.update(task, advance=len(piece))
    return answer
