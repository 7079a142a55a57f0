"""What the commands about areas share."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commandline.output import CommandError, notes
from services.commandline.paths import path
from streams.wards import spelled

if TYPE_CHECKING:
    from services.api.client import Client

Wards = Annotated[
    list[str] | None,
    typer.Option("--ward", help="Ward, commune or special zone, as sources have it; repeatable."),
]
NewWards = Annotated[
    list[str] | None,
    typer.Option(
        "--new-ward",
        help="Ward that no source is in yet, spelled as sources will have it; repeatable.",
    ),
]
Everywhere = Annotated[bool, typer.Option("--everywhere", help="Without a limit.")]
Lifting = Annotated[
    bool,
    typer.Option(
        "--everywhere", help="Do it although somebody will see everywhere who was limited."
    ),
]
TeamName = Annotated[str, typer.Argument(metavar="TEAM", help="The team's name.")]


def wanted(
    wards: Sequence[str] | None, new: Sequence[str] | None, *, everywhere: bool
) -> dict[str, Any]:
    """As the API takes it; raises CommandError where neither or both are given."""
    if bool(wards or new) == everywhere:
        raise CommandError("give --ward (as often as there are wards), or --everywhere", 2)
    if everywhere:
        return {"everywhere": True}
    return {"wards": list(wards or ())} | ({"new_wards": list(new)} if new else {})


def warn_of_empty(client: "Client", wards: Sequence[str] | None) -> None:
    """Says in which of the wards there is no source."""
    asked = {spelled(ward).casefold() for ward in wards or ()}
    known = [ward for ward in client.get("/api/wards") if ward["name"].casefold() in asked]
    if empty := [ward["name"] for ward in known if not ward["sources"]]:
        notes.print(
            f"note: no source is in {', '.join(empty)} yet: nothing of it is seen before one has"
            " this ward, spelled so",
            highlight=False,
            soft_wrap=True,
        )


def named(wards: Sequence[str] | None) -> str:
    """An area, in words."""
    return "everywhere" if wards is None else ", ".join(wards) or "nowhere"


def team(name: str, *more: str) -> str:
    """Of a team in the API, whatever its name."""
    return path("/api/teams", name, *more)
