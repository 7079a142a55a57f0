"""Layout of what ``streams/configuration/clock_orders.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "clock_orders",
    "What people said of the machine's clock where the gateway did not believe it, oldest first;"
    " for the owner only",
    (
        Column("id", "int8", "Number, in the order of requests"),
        Column("time", "timestamptz", "When it was asked for, by the database's clock (UTC)"),
        Column("actor", "text", "Who did: a user name"),
        Column(
            "ahead_us",
            "int8",
            "By how much the clock was ahead of event time as the person saw it (microseconds);"
            " negative: behind",
        ),
        Column("done_at", "timestamptz", "When the gateway answered (UTC); null: not yet"),
        Column(
            "taken",
            "bool",
            "Whether the clock was taken over; it is not where it no longer is ahead by so much",
        ),
    ),
    kept="for ever",
)
