"""Layout of what ``streams/configuration/log.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "control_log",
    "Every change of what is configured (sources, zones, rules, active models), oldest first;"
    " append only",
    (
        Column(
            "sequence",
            "int8",
            "Number of the change: it rises in the order of commits, and jumps after a restore",
        ),
        Column(
            "time",
            "timestamptz",
            "When the change was made (UTC); it takes effect at its offset in each partition",
        ),
        Column("actor", "text", "Who made it: a user name, or the part that did"),
        Column(
            "change",
            "jsonb",
            "The change as on the wire: an array of its type (source, zone, rule, model,"
            " removed) and its fields in order",
        ),
        Column(
            "form", "int2", "Form of change; a release that does not know it refuses to read on"
        ),
    ),
    kept="for ever",
)
