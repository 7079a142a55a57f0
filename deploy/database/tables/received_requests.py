"""Layout of what ``services/receiver/remembered.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "received_requests",
    "Requests with an idempotency key, so that none is published twice",
    (
        Column("key_id", "text", "As in source_keys.id"),
        Column("idempotency_key", "text", "As it was given"),
        Column("body_hash", "bytea", "SHA-256 of what was sent, and how"),
        Column("arrived", "bigint", "Event time at which it came, microseconds since 1970 UTC"),
        Column("stamps", "bigint[]", "Time and sequence of each pack that was made of it"),
        Column("status", "integer", "HTTP status of the answer; null: nobody was answered"),
        Column("answer", "text", "Body of the answer, JSON; null: nobody was answered"),
        Column("begun_at", "timestamptz", "Wall-clock time (UTC)"),
    ),
    kept="for 24 hours",
)
