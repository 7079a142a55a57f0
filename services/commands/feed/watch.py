"""``cityops feed watch``: applies a feed's default rules to its sources."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import emit

COLUMNS = ("id", "kind", "severity", "sources")


def command(
    id: Annotated[str, typer.Argument(help="The feed's id, see `cityops catalogue`.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="The rules that were added or widened, as an array.")
    ] = False,
) -> None:
    """Apply a feed's default rules to those of its sources that no rule of the same kind watches.

    Example: cityops feed watch induction_loops
    """
    with connected() as client:
        rules = client.post(f"/api/feeds/{id}/rules")
    emit(rules, as_json=as_json, columns=COLUMNS, empty="nothing to add: all of it is watched")
