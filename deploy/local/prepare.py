"""What the local database server holds before any migration: the database itself."""

import psycopg

from deploy.local.timescale import OWNER
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
