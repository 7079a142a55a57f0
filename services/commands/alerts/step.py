"""``cityops alerts step``: ticks a step of an alert's runbook."""

from typing import Annotated

import typer

from services.commandline.alerts import Comment, Id, Json, act


def command(
    *,
    id: Id,
    step: Annotated[int, typer.Argument(min=1, help="Which, as cityops alerts show counts them.")],
    undone: Annotated[bool, typer.Option("--undone", help="It is not done any more.")] = False,
    comment: Comment = "",
    as_json: Json = False,
) -> None:
    """Tick a step of an alert's runbook, in your name.

    Example: cityops alerts step 3f6c2a34 2
    """
    act([id], "step", comment, as_json=as_json, step=step, done=not undone)
