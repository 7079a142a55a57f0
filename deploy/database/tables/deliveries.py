"""Layout of what ``services/notifier/outbox.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "deliveries",
    "What has become of each message",
    (
        Column("sequence", "bigint", "As in messages.sequence"),
        Column("state", "text", "waiting, sending, sent, failed or withheld"),
        Column("route", "integer", "How many ways were given up before this one"),
        Column("recipient", "text", "Whom it is, or was, sent to; empty: nobody yet"),
        Column("channel", "text", "By which channel; empty: none yet"),
        Column("batch", "text", "Key of what it was sent in, alone or with others"),
        Column("exercise", "boolean", "It was marked as an exercise"),
        Column("attempts", "integer", "So often it was tried on this way"),
        Column("next_at", "timestamptz", "Wall-clock time before which it is not tried (UTC)"),
        Column("detail", "text", "Why it was not sent, or not to whom it was for"),
        Column("changed_at", "timestamptz", "Wall-clock time of its state (UTC)"),
    ),
    kept="as long as the setting message_retention_days says",
)
