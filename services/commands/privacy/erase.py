"""``cityops privacy erase``: pictures of a camera and time, wherever they are."""

import shutil
from pathlib import Path
from typing import Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.output import CommandError, JsonObject, console, emit, notes
from services.commandline.questions import confirmed
from services.commandline.since import HELP, local, now_of, parse_since
from streams.settings import load

PATIENCE_SECONDS = 300.0


def command(
    camera: Annotated[str, typer.Argument(help="The camera's id.")],
    *,
    from_: Annotated[str, typer.Option("--from", help=HELP)],
    to: Annotated[str, typer.Option("--to", help=HELP)],
    reason: Annotated[str, typer.Option(help="On record: whose request it is, by its number.")],
    recordings: Annotated[
        list[Path] | None,
        typer.Option(help="Folder in which recordings lie, besides those made on this machine."),
    ] = None,
    delete_recordings: Annotated[
        bool, typer.Option("--delete-recordings", help="Delete those that hold such pictures.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonObject = False,
) -> None:
    """Erase the pictures of a camera and time for good, and say what was reached. Asks first.

    Their keys are destroyed, so no copy of the database shows them; the frames leave Kafka.
    Recordings with such pictures are listed; with --delete-recordings they are deleted, whole.

    Example: cityops privacy erase quay-3 --from 3h --to 2h --reason "request 31/2026" --yes
    """
    from streams.events import from_rfc3339
    from streams.recordings import made

    settings = load()
    with connected(timeout_seconds=PATIENCE_SECONDS) as client:
        now = now_of(client)
        span = parse_since(from_, now, "--from"), parse_since(to, now, "--to")
        what = f"every picture of {camera} from {local(span[0])} to {local(span[1])}"
        if not yes and not confirmed(f"Erase {what}, for good?"):
            raise CommandError("nothing was erased")
        order = {"source": camera, "since": span[0], "until": span[1], "reason": reason}
        found: dict[str, Any] = client.post("/api/privacy/erasures", order)
    folders = made.with_pictures(settings, recordings or [], *map(from_rfc3339, span))
    if delete_recordings:
        for folder in folders:
            shutil.rmtree(folder)
    said = [str(folder) for folder in folders]
    deleted, left = (said, []) if delete_recordings else ([], said)
    if as_json:
        emit({**found, "recordings_deleted": deleted, "recordings_left": left}, as_json=True)
    else:
        _say(found, deleted, left)


def _say(found: dict[str, Any], deleted: list[str], left: list[str]) -> None:
    reached = found.get("reached") or {}

    def out(text: str) -> None:
        console.print(text, highlight=False, markup=False, soft_wrap=True)

    out(f"order {found.get('id')}: pictures of the evidence erased: {reached.get('pictures', 0)}")
    for name, meaning in (
        ("days", "keys destroyed, of whole days (UTC)"),
        ("parts", "keys replaced, the rest of the day sealed anew (UTC)"),
    ):
        if reached.get(name):
            out(f"{meaning}: {', '.join(reached[name])}")
    out(
        f"frames that left Kafka: {reached.get('frames', 0)}, dead letters:"
        f" {reached.get('dead_letters', 0)}; with them went {reached.get('others', 0)} others"
    )
    for folder in deleted:
        out(f"recording deleted: {folder}")
    if reached.get("away"):
        notes.print(
            f"not reached: Kafka ({reached['away']}); give the order again",
            highlight=False,
            markup=False,
        )
    if reached.get("frames_left"):
        notes.print(
            f"not reached: {reached['frames_left']} frames that not everybody has read; give the"
            " order again",
            highlight=False,
        )
    for folder in left:
        notes.print(
            f"not reached: recording {folder} (--delete-recordings)", highlight=False, markup=False
        )
    notes.print(
        "not reached: copies of Kafka's data, of recordings and of the secrets folder that somebody"
        " made; boxes and times of what was seen, which show nobody",
        highlight=False,
    )
