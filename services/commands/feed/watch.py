"""``cityops feed watch``: applies a feed's default rules to its sources."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import emit
from services.commandline.paths import path

COLUMNS = ("id", "kind", "severity", "types", "sources")


def command(
    id: Annotated[str, typer.Argument(help="The feed's id, see `cityops catalogue`.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="The rules that were added or widened, as an array.")
    ] = False,
) -> None:
    """Apply a feed's default rules to those of its sources that no rule of the same kind watches.

    Each names the feed's asset types, so that sources which are added later are watched too. Where
    a rule of your own watches some of them already, it names the others one by one.

    Example: cityops feed watch induction_loops
    """
    with connected() as client:
        rules = client.post(path("/api/feeds", id, "rules"))
    emit(
        rules,
        as_json=as_json,
        columns=COLUMNS,
        folded=("types", "sources"),
        empty="nothing to add: rules of these kinds watch it already",
    )
