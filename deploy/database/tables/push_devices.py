"""Layout of what ``services/api/devices.py`` and ``services/notifier/stored.py`` write."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "push_devices",
    "Browsers and telephones in which people have turned web push on; not for analysts",
    (
        Column("id", "text", "Of its address at the push service: SHA-256, its first 32 digits"),
        Column("user_name", "text", "Whose it is, as in users.name; it goes with them"),
        Column("channel", "text", "As in channels.name; it goes with it"),
        Column("name", "text", "What its owner calls it"),
        Column("host", "text", "Of its push service, which may be seen"),
        Column("address", "bytea", "Encrypted with a key from the secrets folder; null: it ended"),
        Column("browser", "bytea", "SHA-256 of the cookie by which its browser is known"),
        Column("made_at", "timestamptz", "When it was turned on (UTC)"),
        Column("tested_at", "timestamptz", "When its owner tried it out last (UTC); null: never"),
        Column("taken", "text", "Key of the message that it took last; empty: none"),
        Column("taken_at", "timestamptz", "When that was (UTC); null: never"),
        Column("failed", "text", "Key of the message of which a try has failed since; empty: none"),
        Column("detail", "text", "Why; or why it has ended"),
        Column("ended_at", "timestamptz", "Its push service says that it is no more (UTC); null"),
    ),
    kept="until its owner removes it, signs out in that browser, or is there no more",
)
