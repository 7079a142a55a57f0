"""People for tests: who has chosen a password already."""

from services.alerts.store import Connection
from streams.database import connect
from streams.settings import Settings

PASSWORD = "correct horse"


def settle(connection: Connection, name: str = "admin") -> None:
    """As if they had changed their first password to the one that it is."""
    connection.execute(
        "UPDATE users SET must_change = false, one_time = false WHERE name = %s", [name]
    )


def settle_admin(settings: Settings) -> None:
    """As above, of a service that has started."""
    with connect(settings, "test", autocommit=True) as connection:
        settle(connection)
