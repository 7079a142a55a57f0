"""What became of every value that came, added up: a view of ``accounts``."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "accounts_by_hour",
    "What became of every value of a reading, and of every picture: one row per source and hour",
    (
        Column("hour", "timestamptz", "Start of the hour of the values' own event time (UTC)"),
        Column("source", "text", "Id of the sensor or camera; empty: of none that is known"),
        Column("came", "int8", "All that came, or was shed before it could (number of)"),
        Column(
            "accepted",
            "int8",
            "Stored in time, also where a later value corrected it since (number of)",
        ),
        Column(
            "late", "int8", "Stored, after the allowed lateness, and no second value (number of)"
        ),
        Column(
            "corrected",
            "int8",
            "Another value of the same time counts instead, or this one replaced it late"
            " (number of)",
        ),
        Column("repeated", "int8", "The same had come before (number of)"),
        Column("refused", "int8", "Used by nobody, see reasons (number of)"),
        Column("shed", "int8", "Never published, see reasons (number of)"),
        Column(
            "not_judged",
            "int8",
            "Pictures that are late, or show nothing (number of)",
        ),
        Column("reasons", "jsonb", "Of those that were refused or shed: reason to how many"),
    ),
    kept="as long as accounts",
)
