"""``cityops rule show``: one rule, with every parameter."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import CommandError, JsonObject, emit

COLUMNS = ("field", "value")


def command(
    id: Annotated[str, typer.Argument(help="The rule's id, see `cityops rule list`.")],
    as_json: JsonObject = False,
) -> None:
    """Show what a rule watches, and by which parameters.

    Example: cityops rule show t1-hot
    """
    with connected() as client:
        found = next((one for one in client.get("/api/rules") if one["id"] == id), None)
    if found is None:
        raise CommandError(f"there is no rule {id!r}: see `cityops rule list`")
    if as_json:
        emit(found, as_json=True)
        return
    parameters = found.pop("parameters")
    rows = [{"field": name, "value": value} for name, value in found.items() if value]
    rows += [{"field": name, "value": f"{value:g}"} for name, value in parameters.items()]
    emit(rows, as_json=False, columns=COLUMNS, folded=("value",))
