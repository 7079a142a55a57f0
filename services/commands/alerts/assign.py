"""``cityops alerts assign``: says who sees to alerts."""

from typing import Annotated

import typer

from services.commandline.alerts import Comment, Ids, Json, act


def command(
    ids: Ids,
    *,
    to: Annotated[str, typer.Option(help="A user's name; empty: nobody's any more.")],
    comment: Comment = "",
    as_json: Json = False,
) -> None:
    """Say who sees to alerts.

    Example: cityops alerts assign 3f6c2a34 --to lan
    """
    act(ids, "assign", comment, as_json=as_json, to=to)
