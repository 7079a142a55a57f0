"""Layout of what ``services/oncall/record.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "pursuits",
    "Alerts that nobody has acknowledged, on their way through the steps of a policy",
    (
        Column("alert", "text", "As in alerts.id"),
        Column("policy", "text", "Name of the policy"),
        Column("due", "timestamptz", "Event time of the next step (UTC); null: all were told"),
        Column("body", "jsonb", "The whole of it; times in microseconds since 1970 UTC"),
    ),
    kept="until the alert is acknowledged or closed",
)
