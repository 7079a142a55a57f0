"""What is done once the servers answer: the database, its migrations, the topics.

``python -m deploy.local.prepare`` is a part of its own that runs to its end.
"""

import sys
from typing import Any

import msgspec
import psycopg

from deploy.broker.accounts import admit
from deploy.broker.signatures import begin_signing
from deploy.database.migrate import MigrationError, migrate
from deploy.local import users
from deploy.local.parts import PREPARE
from deploy.local.timescale import OWNER
from streams import settings as environment
from streams.configuration.camera_addresses import seal_stored
from streams.configuration.configured import folded
from streams.configuration.log import announced_by, explain, read, rest
from streams.database import connect
from streams.events import Rests
from streams.feeds.reporting import reports
from streams.kafka.access import CITY, CLEAR, protocol
from streams.kafka.access import OWNER as TOPICS_OWNER
from streams.kafka.broker import PartitionsDifferError, create_topics
from streams.settings import Settings


def create_database(settings: Settings) -> None:
    """Creates the database, unless it is there.

    Raises:
        psycopg.Error: the server does not answer.
    """
    maintenance = settings.database.rsplit("/", 1)[0] + "/postgres"
    with psycopg.connect(maintenance, autocommit=True, connect_timeout=5) as connection:
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(query, (OWNER,)).fetchone() is None:
            connection.execute(f"CREATE DATABASE {OWNER}")


def leave_city_out(connection: psycopg.Connection[Any]) -> int:
    """Switches off what the simulated city has announced; gives how many sources that was.

    Wherever it is started again it announces them anew, and so switches them on. What has been
    put in the place of one, under its name, is not simulated, and is missed as any other; of what
    does not report nothing is missed.
    """
    known = folded(read(connection)).sources
    off: dict[str, Rests] = {
        name: "off"
        for name in announced_by(connection, CITY)
        if name in known and known[name].origin == "simulated" and reports(known[name])
    }
    return rest(connection, off, PREPARE)


def main() -> None:
    settings = environment.load()
    try:
        if settings.runs_database:
            create_database(settings)
        migrate(settings)
        with connect(settings, "prepare", autocommit=True) as connection:
            if sealed := seal_stored(connection, settings):
                print(f"sealed, or taken out of the control log: {sealed} addresses of cameras")
            if explain(connection, settings.topology, settings.grouping, PREPARE):
                word = "explained" if settings.topology else "not explained"
                print(f"what depends on an asset that is down is {word} by it from now on")
                word = "is one incident" if settings.grouping else "stays apart"
                print(f"what tells of one event, as a flood or a jam, {word} from now on")
        settings = msgspec.structs.replace(settings, kafka_user=TOPICS_OWNER)
        if settings.owns_kafka and protocol(settings) != CLEAR:
            admit(settings)
        if not settings.simulate:
            with connect(settings, "prepare", autocommit=True) as connection:
                if said := leave_city_out(connection):
                    print(f"switched off, as the simulated city is: {said} sources")
        create_topics(settings)
        begin_signing(settings)
        users.hand_over(settings)
    except (OSError, ValueError, psycopg.Error, MigrationError, PartitionsDifferError) as error:
        sys.exit(f"error: {str(error).strip()}")


if __name__ == "__main__":
    main()
