"""Where everybody is let in to: a view of users, teams and team_members."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "user_areas",
    "Which wards each user may see",
    (
        Column("user_name", "text", "As in users.name"),
        Column("wards", "text[]", "Their own and those of their teams; null: everywhere"),
    ),
    kept="as long as users",
)
