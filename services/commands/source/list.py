"""``cityops source list``: every source, cameras too."""

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit

COLUMNS = ("id", "kind", "name_vi", "name_en", "origin", "ward", "owner", "up", "newest")


def command(
    as_json: JsonArray = False,
) -> None:
    """Every camera and sensor, and when it was last heard of.

    Example: cityops source list --json
    """
    with connected() as client:
        sources = client.get("/api/sources")["sources"]
    emit(sources, as_json=as_json, columns=COLUMNS, empty="no source")
