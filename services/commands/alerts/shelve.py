"""``cityops alerts shelve``: puts alerts aside for a while."""

from typing import Annotated

import typer

from services.commandline.alerts import Ids, Json, Reason, act, minutes


def command(
    ids: Ids,
    reason: Reason,
    *,
    span: Annotated[
        str, typer.Option("--for", help="5m to 12h, by event time; then it is back.")
    ] = "30m",
    as_json: Json = False,
) -> None:
    """Put alerts on the shelf: they ask for nothing until the time is up, or they become worse.

    Example: cityops alerts shelve 3f6c2a34 --for 2h --reason "Crew is there"
    """
    act(ids, "shelve", reason, as_json=as_json, minutes=minutes(span))
