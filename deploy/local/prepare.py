"""What is done once the servers answer: the database, its migrations, the topics.

``python -m deploy.local.prepare`` is a part of its own that runs to its end.
"""

import sys

import psycopg

from deploy.database.migrate import MigrationError, migrate
from deploy.local.timescale import OWNER
from streams import settings as environment
from streams.kafka.broker import PartitionsDifferError, create_topics
from streams.kafka.clients import BrokerAwayError
from streams.settings import Settings


def create_database(settings: Settings) -> None:
    """Creates the owner's database with the TimescaleDB extension, unless it is there.

    Raises:
        psycopg.Error: the server does not answer.
    """
    maintenance = settings.database.rsplit("/", 1)[0] + "/postgres"
    with psycopg.connect(maintenance, autocommit=True, connect_timeout=5) as connection:
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(query, (OWNER,)).fetchone() is None:
            connection.execute(f"CREATE DATABASE {OWNER}")
    with psycopg.connect(settings.database, autocommit=True, connect_timeout=5) as connection:
        connection.execute("SET client_min_messages = error")
        connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")


def main() -> None:
    settings = environment.load()
    try:
        if settings.runs_database:
            create_database(settings)
        migrate(settings)
        create_topics(settings)
    except (psycopg.Error, BrokerAwayError, MigrationError, PartitionsDifferError) as error:
        sys.exit(f"error: {str(error).strip()}")


if __name__ == "__main__":
    main()
