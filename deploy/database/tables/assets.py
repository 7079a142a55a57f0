"""Layout of what ``streams/configuration/assets.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import ORIGIN, Column

TABLE = Kept(
    "assets",
    "What the city has, one row each, also what has been removed; follows control_log",
    (
        Column(
            "id",
            "text",
            "As in readings.source, frames.camera, counts.camera and incidents.sources",
        ),
        Column("type", "text", "Asset type, as its feed declares it"),
        Column("feed", "text", "Id of the feed of that type; empty: none declares it"),
        Column("name_vi", "text", "Name in Vietnamese"),
        Column("name_en", "text", "Name in English"),
        Column("latitude", "float8", "Where it is (degrees north, WGS 84); null: not known"),
        Column("longitude", "float8", "Where it is (degrees east, WGS 84); null: not known"),
        Column("segment", "text", "Id of the road segment, as in incidents; null: none known"),
        Column("ward", "text", "Ward or commune; null: not known"),
        Column("owner", "text", "Who runs it; null: not known"),
        Column("origin", "text", ORIGIN),
        Column("since", "timestamptz", "Since when it has been known without a break (UTC)"),
        Column("removed_at", "timestamptz", "When it was removed (UTC); null: it is there"),
        Column("sequence", "int8", "Number of the change in control_log that the row is as of"),
        Column(
            "shape",
            "text",
            "Line or area as OGC well-known text (WGS 84, longitude first); null: it is a point",
        ),
        Column("parents", "text[]", "Ids of the assets that it depends on"),
    ),
    kept="for ever",
)
