"""Wards that people are limited to: a view of users and teams."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "named_wards",
    "Wards to which users and teams are limited, also where there is no source yet",
    (Column("ward", "text", "As in users.wards and teams.wards"),),
    kept="as long as users and teams",
)
