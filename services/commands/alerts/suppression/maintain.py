"""``cityops alerts suppression maintain``: plans a window of maintenance."""

from typing import Annotated

import typer

from services.commandline.alerts import Reason
from services.commandline.suppressions import Json, Source, begin


def command(
    *,
    source: Source = "",
    ward: Annotated[str, typer.Option(help="A ward, for whatever lies in it.")] = "",
    begins: Annotated[str, typer.Option("--from", help="RFC 3339, event time; empty: now.")] = "",
    until: Annotated[str, typer.Option(help="RFC 3339, event time.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Plan a window of maintenance for a source or a ward.

    Example: cityops alerts suppression maintain --source q3 --until 2030-11-30T03:00Z --reason Lens
    """
    begin(
        "maintenance",
        {"source": source, "ward": ward},
        reason,
        as_json=as_json,
        begin=begins or None,
        until=until,
    )
