"""What the commands about areas share."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from services.commandline.output import CommandError
from services.commandline.paths import path

Wards = Annotated[
    list[str] | None,
    typer.Option("--ward", help="Ward, commune or special zone, as sources have it; repeatable."),
]
Everywhere = Annotated[bool, typer.Option("--everywhere", help="Without a limit.")]
Lifting = Annotated[
    bool,
    typer.Option(
        "--everywhere", help="Do it although somebody will see everywhere who was limited."
    ),
]
TeamName = Annotated[str, typer.Argument(metavar="TEAM", help="The team's name.")]


def wanted(wards: Sequence[str] | None, *, everywhere: bool) -> dict[str, Any]:
    """As the API takes it; raises CommandError where neither or both are given."""
    if bool(wards) == everywhere:
        raise CommandError("give --ward (as often as there are wards), or --everywhere", 2)
    return {"everywhere": True} if everywhere else {"wards": list(wards or ())}


def named(wards: Sequence[str] | None) -> str:
    """An area, in words."""
    return "everywhere" if wards is None else ", ".join(wards) or "nowhere"


def team(name: str, *more: str) -> str:
    """Of a team in the API, whatever its name."""
    return path("/api/teams", name, *more)
