"""Layout of what ``services/notifier/stored.py`` writes of loudspeaker stations."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "stations",
    "Stations that speak public warnings, each at its own address; not for analysts",
    (
        Column("name", "text", "What people call it, such as its id in the registry"),
        Column("channel", "text", "As in channels.name: by which it is spoken to; it goes with it"),
        Column("ward", "text", "Whose public warnings it speaks"),
        Column("host", "text", "Of its address, which may be seen"),
        Column("address", "bytea", "Encrypted with a key from the secrets folder"),
        Column("made_by", "text", "User who has made it, or changed it last"),
        Column("made_at", "timestamptz", "Wall-clock time of that (UTC)"),
    ),
    kept="until it is removed",
)
