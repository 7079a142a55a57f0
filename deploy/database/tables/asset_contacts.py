"""Layout of what ``streams/configuration/contacts.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "asset_contacts",
    "Whom to call about an asset; may be a person, so analysts do not read it",
    (
        Column("asset", "text", "As in assets.id"),
        Column("contact", "text", "An office, a number, an address"),
    ),
    kept="until it is changed, or the asset is removed",
)
