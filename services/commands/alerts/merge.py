"""``cityops alerts merge``: makes an alert part of another one."""

from typing import Annotated

import typer

from services.commandline.alerts import Comment, Id, Json, act


def command(
    id: Id,
    into: Annotated[str, typer.Argument(help="The alert that goes on: id, or first characters.")],
    *,
    comment: Comment = "",
    as_json: Json = False,
) -> None:
    """Make an alert part of another that tells of the same; --comment says why they are one.

    It is closed, and asks nobody as long as the other one is open, unless it becomes more severe.

    Example: cityops alerts merge 3f6c2a34 9b1e77d0 --comment "the same lorry"
    """
    act([id], "merge", comment, as_json=as_json, other=into)
