"""``cityops source list``: every source, including cameras."""

from datetime import datetime
from typing import Any

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit
from services.commandline.since import age, now_of

COLUMNS = (
    *("id", "kind", "up", "heard", "lag", "gateway", "gateway heard"),
    *("origin", "ward", "owner", "name_en", "name_vi"),
)
SPARE = ("name_vi", "owner", "ward", "gateway heard", "origin", "name_en", "lag", "gateway", "kind")


def command(
    as_json: JsonArray = False,
) -> None:
    """List cameras and sensors: when each was last heard, and how long that took to arrive.

    A source is up when it was heard itself lately; when its gateway was is another fact. Off: it is
    switched off, as the simulated city is where it is left out; ended: its recording is over.

    Example: cityops source list --json
    """
    with connected() as client:
        sources, now = client.get("/api/sources")["sources"], now_of(client)
    if as_json:
        emit(sources, as_json=True)
        return
    rows = [_row(source, now) for source in sources]
    emit(
        rows,
        as_json=False,
        columns=COLUMNS,
        folded=("name_en", "name_vi"),
        spare=SPARE,
        empty="no source",
    )


def _row(source: dict[str, Any], now: datetime) -> dict[str, Any]:
    lag = source["lag_ms"]
    return source | {
        "up": "up" if source["up"] else source["rests"] or "down",
        "heard": _ago(source["heard"] or source["newest"], now),
        "lag": "–" if lag is None else f"{lag / 1000:g} s",
        "gateway heard": _ago(source["gateway_heard"], now),
    }


def _ago(text: str | None, now: datetime) -> str:
    return f"{age(text, now)} ago" if text else "–"
