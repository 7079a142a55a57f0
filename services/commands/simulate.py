"""``cityops simulate``: publishes the simulated city."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from services.commandline.importing import importing
from services.commandline.output import CommandError, notes
from services.commandline.servers import no_database, no_kafka
from services.commandline.turn import Held, wait_for_turn
from streams.kafka.access import CITY
from streams.settings import Settings, load


def command(
    *,
    scenario: Annotated[
        str | None, typer.Option(help="A scenario file or its name; default: vehicles stop.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Same seed, same traffic; default: CITYOPS_SEED.")
    ] = None,
    speed: Annotated[
        float, typer.Option(min=0.05, max=50, help="Simulated seconds per second.")
    ] = 1.0,
    duration: Annotated[
        float | None, typer.Option(min=0, help="Simulated seconds; default: until SIGTERM.")
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option(help="Append scripted incidents (place, start, end, box) as JSON lines."),
    ] = None,
    systems: Annotated[
        str | None,
        typer.Option(
            help="What fails in the city's other systems: a file, or feeder_failure,"
            " station_outage, backhaul_cut, flood, defacement, attack, gate_queue, overdue,"
            " refusing_bank, storm;"
            " in real seconds, whatever --speed; default: CITYOPS_SYSTEMS, else nothing."
        ),
    ] = None,
    held: Annotated[bool, Held] = False,
) -> None:
    """Publish frames and readings of the simulated city, with the present time.

    Example: cityops simulate --scenario stopped_vehicle --seed 7 --duration 300
    """
    with importing():
        from simulators import announced, main
        from simulators import scenario as scenarios
        from simulators.world import script as scripts
        from streams.kafka.clients import BrokerAwayError
        from streams.kafka.publisher import PublishError

    settings = load()
    settings = msgspec.structs.replace(settings, kafka_user=settings.kafka_user or CITY)
    try:
        script = scenarios.load(scenario or scenarios.STOPS)
        fails = settings.systems if systems is None else systems
        failing = scripts.load(fails) if fails else scripts.QUIET
    except scenarios.ScenarioError as error:
        raise CommandError(str(error), code=2) from None
    chosen = settings.seed if seed is None else seed
    assets = announced.assets(settings.city, settings.seed)  # before anybody waits for them
    try:
        scripts.occurrences(failing, assets, chosen, 0)
    except scenarios.ScenarioError as error:
        raise CommandError(str(error), code=2) from None
    wait_for_turn(held=held)
    announce(settings)
    notes.print(f"simulating {script.name}, seed {chosen}; stop with Ctrl-C", highlight=False)
    try:
        main.run(
            settings,
            script,
            chosen,
            speed=speed,
            duration=duration,
            truth=truth,
            assets=assets,
            systems=failing,
        )
    except BrokerAwayError as error:
        raise no_kafka(error) from None
    except (PublishError, scenarios.ScenarioError) as error:
        raise CommandError(str(error)) from None


def announce(settings: Settings) -> None:
    """Makes the city's sources, zones and rules known, and waits until they are published.

    What it announced once and does not simulate now rests: nobody misses it.

    Raises:
        CommandError: there is no database, no Kafka or no gateway.
    """
    import psycopg

    from simulators.announced import changes
    from streams.configuration.check import InvalidChangeError
    from streams.configuration.log import NotPublishedError, append_missing, current, wait_published
    from streams.events import Source
    from streams.kafka.clients import BrokerAwayError

    try:
        known = current(settings)
        wanted = changes(settings.city, settings.seed, known)
        number = append_missing(settings, wanted, CITY)
        leave_out(settings, {change.id for change in wanted if isinstance(change, Source)})
        wait_published(settings, number)
    except psycopg.OperationalError as error:
        raise no_database(error) from None
    except BrokerAwayError as error:
        raise no_kafka(error) from None
    except (NotPublishedError, InvalidChangeError) as error:
        raise CommandError(str(error)) from None


def leave_out(settings: Settings, wanted: set[str]) -> int:
    """Has rest what the city has announced and does not simulate now; how many that was new of."""
    from streams.configuration.configured import folded
    from streams.configuration.log import announced_by, read, rest
    from streams.database import connect
    from streams.events import Rests
    from streams.feeds.reporting import reports

    with connect(settings, "control", autocommit=True) as connection:
        known = folded(read(connection)).sources
        off: dict[str, Rests] = {
            name: "off"
            for name in announced_by(connection, CITY) - wanted
            if name in known and known[name].origin == "simulated" and reports(known[name])
        }
        return rest(connection, off, CITY)
