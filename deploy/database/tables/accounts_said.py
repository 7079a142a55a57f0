"""Until when each stage's accounts are stored: a view of ``positions``."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "accounts_said",
    "Until when each stage has said its accounts; all is added up until the oldest of them",
    (
        Column("stage", "text", "Name of the stage"),
        Column("partition", "int4", "Partition of what it sends on, from 0"),
        Column(
            "said",
            "timestamptz",
            "Event time of its newest accounts that are stored (UTC); null: none yet",
        ),
    ),
    kept="as long as positions",
)
