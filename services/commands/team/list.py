"""``cityops team list``: teams, what they may see, who is in them."""

from services.commandline.areas import named
from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit

COLUMNS = ("name", "area", "members")


def command(as_json: JsonArray = False) -> None:
    """List teams, what they may see, and who is in them.

    Example: cityops team list
    """
    with connected() as client:
        found = client.get("/api/teams")
    rows = found if as_json else [one | {"area": named(one["wards"])} for one in found]
    emit(rows, as_json=as_json, columns=COLUMNS, folded=COLUMNS, empty="no team")
