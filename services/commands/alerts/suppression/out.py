"""``cityops alerts suppression out``: takes a source or rule out of service."""

from typing import Annotated

import typer

from services.commandline.alerts import Reason
from services.commandline.suppressions import Json, Source, begin


def command(
    *,
    source: Source = "",
    rule: Annotated[str, typer.Option(help="Id of a rule.")] = "",
    reason: Reason,
    as_json: Json = False,
) -> None:
    """Take a source or rule out of service, until somebody returns it by `end`.

    Example: cityops alerts suppression out --source quay-3 --reason "Lens is broken"
    """
    begin("out_of_service", {"source": source, "rule": rule}, reason, as_json=as_json)
