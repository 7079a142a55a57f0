"""Each incident once: a view of what the writer stores in ``incidents``."""

from deploy.database.table import Kept
from streams.tables.incidents import TABLE as INCIDENTS
from streams.tables.table import Column

TABLE = Kept(
    "incidents_latest",
    "Each incident once, as its latest revision has it",
    (
        *INCIDENTS.layout,
        Column("lasted", "interval", "From start to end (interval); null: it lasts"),
    ),
    kept="as long as incidents",
)
