"""Layout of what ``services/notifier/channels/stored.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "contacts",
    "Where people are reached; not for analysts",
    (
        Column("user_name", "text", "As in users.name"),
        Column("channel", "text", "As in channels.name"),
        Column("rank", "integer", "The lowest is tried first"),
        Column("address", "bytea", "Where, encrypted with a key from the secrets folder"),
        Column("language", "text", "In which they are told: vi or en"),
        Column("exercises_until", "timestamptz", "They accept exercises until then (UTC)"),
    ),
    kept="until it is removed, or the user",
)
