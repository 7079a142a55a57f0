"""The tables of a replay's namespace: a schema of their own, filled by a writer of their own."""

from streams.database import connect
from streams.settings import Settings
from streams.tables.writer import PART

_STORED = "SELECT partition, next_offset FROM positions WHERE consumer = %s AND topic = %s"
_EXISTS = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = %s)"


def exist(settings: Settings) -> bool:
    """Raises psycopg.OperationalError where no server answers."""
    with connect(settings, "replay") as connection:
        return connection.execute(_EXISTS, [settings.namespace]).fetchone() == (True,)


def stored(settings: Settings, topic: str) -> dict[int, int]:
    """Partition of a topic (logical name) to how far the writer has stored what is in it.

    Raises psycopg.OperationalError where no server answers.
    """
    with connect(settings, "replay") as connection:
        return dict.fromkeys(range(settings.partitions), 0) | dict(
            connection.execute(_STORED, [PART, topic]).fetchall()
        )
