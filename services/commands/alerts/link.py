"""``cityops alerts link``: says that two alerts have to do with each other."""

from typing import Annotated

import typer

from services.commandline.alerts import Comment, Id, Json, act


def command(
    id: Id,
    other: Annotated[str, typer.Argument(help="The other alert's id, or its first characters.")],
    *,
    remove: Annotated[bool, typer.Option("--remove", help="They have not, after all.")] = False,
    comment: Comment = "",
    as_json: Json = False,
) -> None:
    """Say that two alerts have to do with each other; both show it.

    Example: cityops alerts link 3f6c2a34 9b1e77d0
    """
    act([id], "unlink" if remove else "link", comment, as_json=as_json, other=other)
