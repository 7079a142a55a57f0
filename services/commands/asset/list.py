"""``cityops asset list``: all that the city has."""

from services.commandline import listing
from services.commandline.assets import PAGE, DependsOn, Owners, Text, Types, Wards
from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit, notes

COLUMNS = ("id", "type", "ward", "owner", "origin", "parents", "name_en", "name_vi")
SPARE = ("origin", "owner", "name_en", "parents", "ward")


def command(
    *,
    type: Types = None,
    ward: Wards = None,
    owner: Owners = None,
    text: Text = "",
    depends_on: DependsOn = "",
    limit: listing.Limit = None,
    as_json: JsonArray = False,
) -> None:
    """List assets in order of their ids: those that match all that is given.

    `cityops source list` shows those of which events come, and when each was heard.

    Example: cityops asset list --type base_station --ward 'Hồng Bàng' --text viettel
    """
    number = listing.number(limit, as_json=as_json)
    filters = {"type": type, "ward": ward, "owner": owner, "text": text, "depends_on": depends_on}
    with connected() as client:
        size = min(number, PAGE) or PAGE
        page = client.get("/api/assets", limit=size, **filters)
        matching, rows = page["matching"], page["assets"]
        while page["next"] and len(rows) < (number or matching):
            page = client.get("/api/assets", limit=size, cursor=page["next"], **filters)
            rows += page["assets"]
    rows = rows[:number] if number else rows
    emit(
        rows,
        as_json=as_json,
        columns=COLUMNS,
        folded=("name_en", "name_vi", "parents"),
        spare=SPARE,
        empty="no asset",
    )
    if not as_json and matching > len(rows):
        notes.print(f"{len(rows)} of {matching}; --limit 0 shows all", style="dim")
