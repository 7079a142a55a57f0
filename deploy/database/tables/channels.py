"""Layout of what ``services/notifier/channels/stored.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "channels",
    "Ways on which messages leave, with their secrets; not for analysts",
    (
        Column("name", "text", "What people call it"),
        Column("type", "text", "A folder of services/notifier/channels"),
        Column("configuration", "jsonb", "What may be seen of it"),
        Column("sealed", "bytea", "Its secrets, encrypted with a key from the secrets folder"),
        Column("public", "boolean", "Who reads it is not known by name"),
        Column("wards", "text[]", "Whose alerts it is told of by itself; null: everywhere"),
        Column("language", "text", "Of what it is told by itself: vi or en"),
        Column("exercises_until", "timestamptz", "It accepts exercises until then (UTC)"),
        Column("made_by", "text", "User who has made it, or changed it last"),
        Column("made_at", "timestamptz", "Wall-clock time of that (UTC)"),
    ),
    kept="until it is removed",
)
