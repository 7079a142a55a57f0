"""``cityops up``, ``down``, ``status`` and ``reset``: the local stack."""

import shutil
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commands.output import CommandError, console, emit, notes
from streams.settings import Settings, load

if TYPE_CHECKING:
    from streams.events import Heartbeat

COLUMNS = ("name", "state", "version", "restarts", "lag", "pid", "detail")


def register(root: typer.Typer) -> None:
    for command in (up, down, status, reset):
        root.command()(command)


def up(
    wait: Annotated[float, typer.Option(help="Seconds until all parts must be healthy.")] = 180.0,
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
    from deploy.local import kafka, ports, state, supervisor, timescale

    if (held := state.lock(settings)) is not None:
        held.close()
    if problems := ports.problems(settings):
        for line in problems[:-1]:
            notes.print(f"[bold red]error:[/] {line}", highlight=False, soft_wrap=True)
        raise CommandError(problems[-1])
    if settings.runs_kafka and not kafka.jars(settings).is_dir():
        notes.print("fetching Apache Kafka (Maven, about 50 MB)")
        kafka.fetch(settings)
    if settings.runs_database and not timescale.prefix(settings).is_dir():
        notes.print("fetching TimescaleDB (Debian packages, about 90 MB)")
        timescale.fetch(settings)
    supervisor.launch(settings)


def _wait(settings: Settings, seconds: float) -> None:
    from deploy.local.progress import SupervisorGoneError, follow

    healthy: set[str] = set()
    names: set[str] = set()
    try:
        for change in follow(settings, seconds):
            name = change.part.name
            names.add(name)
            if change.trouble:
                healthy.discard(name)
                line = f"  {name:<12} [yellow]{change.part.state}[/]  "
                notes.print(line, end="", highlight=False)
                notes.print(change.trouble, highlight=False, markup=False, soft_wrap=True)
            else:
                healthy.add(name)
                notes.print(
                    f"  {name:<12} [green]healthy[/]  {change.seconds:5.1f} s", highlight=False
                )
    except SupervisorGoneError as error:
        raise CommandError(f"the stack was stopped: {error}") from None
    except KeyboardInterrupt:
        raise CommandError(
            "interrupted; what was started goes on: 'cityops down' ends it"
        ) from None
    sick = [row for row in _judged(settings)[0] if row["state"] != "healthy"]
    if sick:
        listed = ", ".join(f"{row['name']} ({row['detail'] or row['state']})" for row in sick)
        logs = settings.state_dir / "logs"
        raise CommandError(f"not healthy after {seconds:.0f} s: {listed}; logs are in {logs}")


def _add_footage(settings: Settings) -> None:
    from services.gateway.footage import add_footage

    camera = add_footage(settings)
    said = f"camera {camera}" if camera else "left out: its video or its model is not here"
    notes.print(f"  footage      {said}", highlight=False)


def _say_where(settings: Settings) -> None:
    from deploy.database.analyst import address
    from deploy.local.timescale import program

    password = settings.secret("admin-password")
    console.print(f"CityOps runs: {settings.api}", highlight=False)
    if password.exists():
        shown = "" if settings.admin_password else f", password {password.read_text().strip()}"
        console.print(f"sign in as: admin{shown}", highlight=False, soft_wrap=True)
    if settings.runs_database:
        psql = "psql" if shutil.which("psql") else str(program(settings, "psql"))
        console.print(f"query: {psql} {address(settings)}", highlight=False, soft_wrap=True)


def down() -> None:
    """Stop every process of the local stack; the data stays.

    Example: cityops down
    """
    from deploy.local import stack
    from deploy.local.errors import StackError

    try:
        ran = stack.stop(load())
    except StackError as error:
        raise CommandError(str(error)) from None
    notes.print("stopped" if ran else "nothing was running")


def status(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 unless every part is healthy.")
    ] = False,
) -> None:
    """Every part's state, version, restarts and lag, the counts, the disk, the oldest frame.

    Example: cityops status --json
    """
    from deploy.local import disk
    from deploy.local.health import totals
    from streams.events import to_rfc3339
    from streams.kafka.heartbeat import event_time, stood_since
    from streams.stamps import wall_clock

    settings = load()
    parts, heartbeats = _judged(settings)
    kafka = any(part["name"] == "kafka" and part["state"] == "healthy" for part in parts)
    logs, oldest = _kept(settings) if kafka else ({}, None)
    clock = wall_clock()
    ticked = event_time(heartbeats.values(), clock)
    stands = stood_since(heartbeats.values(), clock) is not None
    now: dict[str, Any] = {
        "healthy": all(part["state"] == "healthy" for part in parts),
        "parts": parts,
        "counts": totals(heartbeats.values()),
        "disk": disk.usage(settings),
        "topics": logs,
        "oldest_frame": oldest,
        "event_time": None if ticked is None else to_rfc3339(ticked),
        "stands": stands,
        "namespace": settings.namespace,
        "address": settings.api,
    }
    if as_json:
        emit(now, as_json=True)
    else:
        emit(parts, as_json=False, columns=COLUMNS)
        for name in ("counts", "disk", "topics"):
            listed = ", ".join(f"{key} {_short(name, value)}" for key, value in now[name].items())
            console.print(
                f"{name}: {listed or 'not known: Kafka does not answer'}", highlight=False
            )
        console.print(f"oldest frame: {oldest or 'none'}", highlight=False)
        waits = "; it stands still: alerts come, what amends them waits" if stands else ""
        console.print(f"event time: {now['event_time'] or 'not known'}{waits}", highlight=False)
    if check and not now["healthy"]:
        raise typer.Exit(1)


def _short(name: str, value: int) -> str:
    return str(value) if name == "counts" else f"{value / 2**20:,.0f} MiB"


def _judged(settings: Settings) -> tuple[list[dict[str, Any]], "dict[str, Heartbeat]"]:
    import msgspec

    from deploy.local.health import broker_answers, judge
    from streams.kafka.heartbeat import read_heartbeats
    from streams.kafka.publisher import BrokerAwayError

    heartbeats: dict[str, Heartbeat] = {}
    silence = ""
    try:
        if broker_answers(settings.bootstrap):
            heartbeats = read_heartbeats(settings)
        else:
            silence = f"nothing listens on {settings.bootstrap}"
    except BrokerAwayError:
        silence = f"{settings.bootstrap} accepts connections but does not answer"
    except KeyError:
        silence = ""  # the topic of heartbeats is not there yet
    rows: list[dict[str, Any]] = msgspec.to_builtins(judge(settings, heartbeats, silence))
    return rows, heartbeats


def _kept(settings: Settings) -> tuple[dict[str, int], str | None]:
    from kafka.errors import KafkaError

    from streams.events import to_rfc3339
    from streams.kafka.broker import log_bytes, oldest_frame
    from streams.topics import logical, physical

    prefix = physical(settings.namespace, "")
    try:
        sizes = {
            logical(name): size
            for name, size in log_bytes(settings, 3).items()
            if name.startswith(prefix)
        }
        oldest = oldest_frame(settings, 3)
    except KafkaError:
        return {}, None
    return sizes, None if oldest is None else to_rfc3339(oldest)


def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Stop the stack and delete its data; downloaded software stays. Asks first.

    Example: cityops reset --yes
    """
    from deploy.local import stack
    from deploy.local.errors import StackError

    settings = load()
    what = f"every event, incident and alert of {settings.namespace!r} in {settings.state_dir}"
    if not yes and not typer.confirm(f"Delete {what}?", err=True):
        raise CommandError("nothing was deleted")
    try:
        stack.stop(settings)
        deleted = stack.delete_data(settings)
    except StackError as error:
        raise CommandError(str(error)) from None
    notes.print(f"deleted: {', '.join(deleted) or 'nothing was there'}", soft_wrap=True)
