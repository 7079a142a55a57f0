"""``cityops runbook set``: writes one kind's runbook."""

from pathlib import Path
from typing import Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.output import CommandError, JsonObject, console, counted, emit, notes
from services.commandline.paths import path

MOST_BYTES = 2**16


def command(
    *,
    kind: Annotated[str, typer.Argument(help="A kind's id, see `cityops catalogue`.")],
    vi: Annotated[Path, typer.Option(help="Markdown in Vietnamese; `- [ ]` begins a step.")],
    en: Annotated[Path, typer.Option(help="The same in English, with as many steps.")],
    contact: Annotated[
        list[str] | None, typer.Option(help="NAME=TELEPHONE of whom to call; repeatable.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; it is kept with the version.")],
    expected: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="The version that you began with (`runbook show`; 0: the default): refused where"
            " somebody has written another since.",
        ),
    ] = None,
    as_json: JsonObject = False,
) -> None:
    """Write what is to be done about alerts of a kind, as a version of its own.

    Example: cityops runbook set crowd --vi crowd.vi.md --en crowd.en.md --reason 'New square'
    """
    body: dict[str, Any] = {
        "vi": _read(vi),
        "en": _read(en),
        "contacts": [_contact(one) for one in contact or ()],
        "reason": reason,
    }
    with connected() as client:
        before = client.get(path("/api/runbooks", kind))
        body["expected_version"] = before["version"] if expected is None else expected
        said = client.put(path("/api/runbooks", kind), body)
    if as_json:
        emit(said, as_json=True)
        return
    console.print(
        f"runbook {kind}, version {said['version']}, has {counted(len(said['steps']), 'step')}",
        highlight=False,
    )
    if before["version"]:
        notes.print(f"in the place of version {before['version']}, by {before['by']}")


def _read(file: Path) -> str:
    """Raises CommandError."""
    from models.files import read_file

    try:
        return read_file(file, MOST_BYTES).decode()
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}", 2) from None
    except UnicodeDecodeError:
        raise CommandError(f"{file} is no text in UTF-8", 2) from None


def _contact(pair: str) -> dict[str, str]:
    name, _, phone = pair.partition("=")
    if not name:
        raise CommandError(f"--contact {pair!r}: give NAME=TELEPHONE", 2)
    return {"name": name, "phone": phone}
