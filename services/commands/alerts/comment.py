"""``cityops alerts comment``: adds a remark to alerts."""

from typing import Annotated

import typer

from services.commandline.alerts import Ids, Json, act


def command(
    ids: Ids,
    text: Annotated[str, typer.Option(help="Shown in the timeline.")],
    *,
    as_json: Json = False,
) -> None:
    """Add a remark to the timeline of alerts.

    Example: cityops alerts comment 3f6c2a34 --text "Ambulance called"
    """
    act(ids, "comment", text, as_json=as_json)
