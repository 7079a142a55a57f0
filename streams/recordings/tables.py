"""The tables of a replay's namespace: a schema of their own, filled by a writer of their own."""

from streams.database import connect
from streams.settings import Settings
from streams.tables import positions
from streams.tables.writer import PART

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
        return {
            number: positions.load(connection, PART, topic, number).next_offset
            for number in range(settings.partitions)
        }
