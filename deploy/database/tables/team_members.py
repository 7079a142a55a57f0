"""Layout of what ``services/api/teams.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "team_members",
    "Who is in which team",
    (
        Column("team", "text", "As in teams.name"),
        Column("user_name", "text", "As in users.name"),
        Column(
            "by_provider", "boolean", "Because the identity provider says the group of its name"
        ),
    ),
    kept="until an administrator changes them",
)
