"""``cityops feed watch``: applies a feed's default rules to its sources."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import CommandError, emit
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
    from services.api.client import ClientError

    with connected() as client:
        try:
            rules = client.post(path("/api/feeds", id, "rules"))
        except ClientError as error:
            if error.reason != "no_feed":
                raise
            known = ", ".join(feed["id"] for feed in client.get("/api/catalogue")["feeds"])
            raise CommandError(f"there is no feed {id!r}; feeds are {known}", 2) from None
    emit(
        rules,
        as_json=as_json,
        columns=COLUMNS,
        folded=("types", "sources"),
        empty="nothing to add: rules of these kinds watch it already",
    )
