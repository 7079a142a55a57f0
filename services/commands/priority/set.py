"""``cityops priority set``: writes the table by which alerts get their priorities."""

from pathlib import Path
from typing import Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.output import CommandError, JsonObject, console, counted, emit

MOST_BYTES = 2**20


def command(
    *,
    file: Annotated[Path, typer.Argument(help="JSON, as cityops priority show --json prints it.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept with the version.")],
    as_json: JsonObject = False,
) -> None:
    """Write the table of priorities anew, as a version of its own.

    The first row that fits an alert holds; conditions that are left out fit anything, and the last
    row has none. It holds for what is raised, comes again or changes from now on. Where the file
    has a version that is not the newest, somebody has changed the table since: it is refused.

    Example: cityops priority set priorities.json --reason 'Ferries are 1 at night'
    """
    table = _read(file)
    with connected() as client:
        body = {"rows": table.get("rows"), "reason": reason}
        said = client.put("/api/priority", body | {"expected_version": table.get("version")})
    if as_json:
        emit(said, as_json=True)
        return
    console.print(
        f"version {said['version']} has {counted(len(said['rows']), 'row')}", highlight=False
    )


def _read(file: Path) -> dict[str, Any]:
    """Raises CommandError."""
    import msgspec

    from models.files import read_file

    try:
        return msgspec.json.decode(read_file(file, MOST_BYTES), type=dict[str, Any])
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from None
    except (ValueError, msgspec.MsgspecError) as error:
        raise CommandError(f"{file}: {error}") from None
