"""``cityops source list``: every source, including cameras."""

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit

COLUMNS = (
    *("id", "kind", "name_vi", "name_en", "origin", "ward", "owner"),
    *("up", "heard", "lag_ms", "gateway", "gateway_heard"),
)


def command(
    as_json: JsonArray = False,
) -> None:
    """List cameras and sensors: when each was last heard, and how long that took to arrive.

    A source is up when it was heard itself lately; when its gateway was is another fact.

    Example: cityops source list --json
    """
    with connected() as client:
        sources = client.get("/api/sources")["sources"]
    emit(sources, as_json=as_json, columns=COLUMNS, empty="no source")
