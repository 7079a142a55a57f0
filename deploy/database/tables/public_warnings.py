"""Layout of what ``services/api/warnings.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "public_warnings",
    "What one person has proposed to tell the public, and what another has made of it",
    (
        Column("id", "text", "Also the idempotency key of the message that follows"),
        Column("alert", "text", "As in alerts.id"),
        Column("channel", "text", "Name of the public channel"),
        Column("reason", "text", "What the first person says"),
        Column("proposed_by", "text", "User name"),
        Column("proposed_at", "timestamptz", "Event time (UTC)"),
        Column("state", "text", "proposed, confirmed or withdrawn; a proposal is good for an hour"),
        Column("decided_by", "text", "Who confirmed it, never who proposed it; or withdrew it"),
        Column("decided_at", "timestamptz", "Event time (UTC)"),
        Column("recorded_at", "timestamptz", "Wall-clock time at which it was proposed (UTC)"),
    ),
    kept="for ever",
)
