"""Layout of what ``services/notifier/stored.py`` writes of what channels remember."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "channel_memory",
    "What a channel has to remember between messages, such as a token for a day; not for analysts",
    (
        Column("channel", "text", "As in channels.name; it goes with it"),
        Column("sealed", "bytea", "Encrypted with the same key as the channels' secrets"),
        Column("changed_at", "timestamptz", "Wall-clock time at which it became so (UTC)"),
    ),
    kept="until the channel is removed",
)
