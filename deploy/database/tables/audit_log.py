"""Layout of what ``services/audit/log.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "audit_log",
    "Who did what, when, from where and why; append only, and for those who may audit:read",
    (
        Column("sequence", "int8", "Place in the chain: 1, 2, 3 and so on without gaps"),
        Column("form", "int2", "By which form the hash was computed, services/audit/chain.py"),
        Column("time", "timestamptz", "When it was done (UTC), by event time as it should be"),
        Column("last", "timestamptz", "When the last of several acts alike was done (UTC)"),
        Column("times", "int4", "How many acts alike the line stands for"),
        Column("actor", "text", "A user's name, or machine; empty: nobody that is known"),
        Column("role", "text", "Of the actor, then"),
        Column("means", "text", "browser, command line, api, token; system: CityOps itself"),
        Column("label", "text", "Of the token"),
        Column("address", "text", "Network address that asked; empty: this machine itself"),
        Column("action", "text", "noun:verb"),
        Column("subject", "text", "What it was done to"),
        Column("outcome", "text", "done, refused (they may not) or failed"),
        Column("reason", "text", "A word: why it was refused or failed"),
        Column("why", "text", "What the actor gave as a reason, where one is asked for"),
        Column(
            "detail", "text", "Which fields, and what else is to be known; no values of secrets"
        ),
        Column("id", "text", "Of the line, so that it is stored once"),
        Column("previous", "bytea", "Hash of the line before; of the first one: random"),
        Column("hash", "bytea", "SHA-256 of the line and of previous"),
    ),
    kept="as long as the setting audit_retention_days says",
)
