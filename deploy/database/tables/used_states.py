"""Layout of what ``services/api/provider/people.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "used_states",
    "Sign-ins that have come back from the identity provider, so that none does twice",
    (
        Column("state_hash", "bytea", "SHA-256 of the state in the address that it came back by"),
        Column("until", "timestamptz", "Wall-clock time after which it is too old anyway (UTC)"),
    ),
    kept="until they would be refused as too old",
)
