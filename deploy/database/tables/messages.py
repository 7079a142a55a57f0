"""Layout of what ``services/oncall/record.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "messages",
    "What somebody is to be told: written with the alert that it is about, append only",
    (
        Column("sequence", "bigint", "Number in order of commit"),
        Column("id", "text", "Idempotency key"),
        Column("alert", "text", "As in alerts.id; empty: a test of a channel"),
        Column("recipient", "text", "Whom it is for, e.g. user:lan; empty: there is nobody"),
        Column("time", "timestamptz", "Event time at which it was decided (UTC)"),
        Column("address", "bytea", "Of a test: where to, encrypted; null: where the recipient is"),
        Column("body", "jsonb", "The message; times in microseconds since 1970 UTC"),
        Column("decided_at", "timestamptz", "Wall-clock time at which it was written (UTC)"),
    ),
    kept="as long as the setting message_retention_days says",
)
