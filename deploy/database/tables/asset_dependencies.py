"""Layout of the view that ``0091_registry.sql`` makes of ``assets``."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "asset_dependencies",
    "What each asset that is there depends on, directly or through others; a row each",
    (
        Column("asset", "text", "As in assets.id"),
        Column("depends_on", "text", "As in assets.id: what feeds, powers or carries it"),
        Column("steps", "int4", "1: it is named among its parents; 2: among theirs, and so on"),
    ),
    kept="as long as the assets that it is computed of",
)
