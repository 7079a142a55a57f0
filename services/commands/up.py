"""``cityops up``: starts the local stack."""

import shutil
import time
from typing import Annotated, Any

import typer

from services.commandline.output import CommandError, console, headed, notes
from services.commandline.stack import clock_in_doubt, judged
from streams.settings import Settings, load


def command(
    wait: Annotated[
        float, typer.Option(help="Seconds to wait for all parts to be healthy.")
    ] = 180.0,
) -> None:
    """Start the local stack and the processor, and wait until every part is healthy.

    Servers named by CITYOPS_KAFKA_BOOTSTRAP and CITYOPS_DATABASE_URL are used, not started.

    Example: cityops up
    """
    from deploy.local import state
    from deploy.local.errors import StackError

    settings = load()
    try:
        if state.is_running(settings):
            notes.print("already running; waiting until every part is healthy")
        else:
            _start(settings)
    except StackError as error:
        raise CommandError(str(error)) from None
    _wait(settings, wait)
    _add_footage(settings)
    _say_where(settings)


def _start(settings: Settings) -> None:
    from deploy.local import kafka, ports, state, supervisor, timescale, users
    from streams.pipeline import known

    known()  # or each part would say it in its own log, again and again
    if (held := state.lock(settings)) is not None:
        held.close()
    if problems := ports.problems(settings):
        for line in problems[:-1]:
            notes.print(headed("error:", line, "bold red"), soft_wrap=True)
        raise CommandError(problems[-1])
    if settings.runs_kafka and not kafka.jars(settings).is_dir():
        notes.print("fetching Apache Kafka (Maven, about 50 MB)")
        kafka.fetch(settings)
    if settings.runs_database and not timescale.prefix(settings).is_dir():
        notes.print("fetching TimescaleDB (Debian packages, about 90 MB)")
        timescale.fetch(settings)
    if users.apart(settings):
        users.compile_modules()
    elif why := users.why_not(settings):
        notes.print(f"all parts run as root: {why}", highlight=False, soft_wrap=True)
    supervisor.launch(settings)


def _wait(settings: Settings, seconds: float) -> None:
    from deploy.local.progress import SupervisorGoneError, follow

    healthy: set[str] = set()
    names: set[str] = set()
    patience = time.monotonic() + seconds
    try:
        for change in follow(settings, seconds):
            name = change.part.name
            names.add(name)
            if change.trouble:
                healthy.discard(name)
                notes.print(f"  {name:<12} ", end="", highlight=False)
                notes.print(
                    headed(change.part.state, f" {change.trouble}", "yellow"), soft_wrap=True
                )
            else:
                healthy.add(name)
                notes.print(f"  {name:<12} ", end="", highlight=False)
                notes.print(headed("healthy", f" {change.seconds:5.1f} s", "green"))
    except SupervisorGoneError as error:
        raise CommandError(f"the stack was stopped: {error}") from None
    except KeyboardInterrupt:
        raise CommandError(
            "interrupted; what was started keeps running: 'cityops down' stops it"
        ) from None
    rows, heartbeats = judged(settings)
    # A part may be slow to say that it goes on while another one starts.
    while (sick := _sick(rows)) and time.monotonic() < patience:
        time.sleep(1)
        rows, heartbeats = judged(settings)
    if sick:
        listed = ", ".join(f"{row['name']} ({row['detail'] or row['state']})" for row in sick)
        logs = settings.state_dir / "logs"
        raise CommandError(f"not healthy after {seconds:.0f} s: {listed}; logs are in {logs}")
    if line := clock_in_doubt(heartbeats):
        notes.print(f"  {line}", style="bold", highlight=False)


def _sick(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["state"] != "healthy"]


def _add_footage(settings: Settings) -> None:
    from services.gateway.footage import add_footage

    camera = add_footage(settings)
    said = f"camera {camera}" if camera else "left out: its video or its model is not here"
    notes.print(f"  footage      {said}", highlight=False)


def _say_where(settings: Settings) -> None:
    from deploy.database.analyst import query_line
    from deploy.local.timescale import program

    password = settings.secret("admin-password")
    console.print(f"CityOps runs: {settings.api}", highlight=False)
    if password.exists():  # until it is changed
        said = f"sign in as: admin, with the password in {password}"
        console.print(said, highlight=False, soft_wrap=True)
    elif settings.admin_password:
        said = "sign in as: admin, with CITYOPS_ADMIN_PASSWORD until it was changed"
        console.print(said, highlight=False, soft_wrap=True)
    if settings.runs_database:
        psql = "psql" if shutil.which("psql") else str(program(settings, "psql"))
        console.print(f"query: {query_line(settings, psql)}", highlight=False, soft_wrap=True)
