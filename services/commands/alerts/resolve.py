"""``cityops alerts resolve``: closes alerts."""

from typing import Annotated

import typer

from services.commandline.alerts import Comment, Ids, Json, act


def command(
    ids: Ids,
    comment: Comment = "",
    *,
    disposition: Annotated[
        str,
        typer.Option(
            "--as",
            help="What it turned out to be: true, false, nuisance, test or duplicate.",
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Resolve alerts; while one is still active, a comment must say why.

    Example: cityops alerts resolve 3f6c2a34 --as true --comment "Towed away"
    """
    act(ids, "resolve", comment, as_json=as_json, disposition=disposition)
