"""Who may be told of alerts: a view of users, their roles and areas."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "recipients",
    "Who may be told of alerts, and of which wards: people who may sign in and read alerts",
    (
        Column("user_name", "text", "As in users.name"),
        Column("wards", "text[]", "As in user_areas.wards; null: everywhere"),
    ),
    kept="as long as users",
)
