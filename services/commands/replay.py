"""``cityops replay``: a recording run again, beside everything that is live."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import msgspec
import typer

from services.commands.halting import Halting
from services.commands.output import CommandError, console, emit, notes
from services.commands.record import FromStage, unseen
from streams.settings import SettingError, Settings, load

if TYPE_CHECKING:
    from models.manifest import Manifest
    from models.registry import Registry
    from streams.events import Incident
    from streams.partition import Partition
    from streams.recordings.folder import Index, Recording, Slice
    from streams.recordings.runs import Difference, Run

FEWEST = 5
"""A digest over fewer lines says little: ``--digest`` exits with ``EXIT_FEW``."""
EXIT_FEW = 3
COLUMNS = ("change", "kind", "where", "first", "second")


def register(root: typer.Typer) -> None:
    root.command()(replay)


def replay(
    folder: Annotated[Path, typer.Argument(help="What 'cityops record -o' made.")],
    *,
    speed: Annotated[str, typer.Option(help="Seconds of the recording in a second, or max.")] = "1",
    offline: Annotated[
        bool, typer.Option("--offline", help="All stages in this process: no Kafka, at once.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes of each group.")] = 1,
    from_stage: Annotated[
        FromStage | None, typer.Option(help="Where to begin; as recorded if not given.")
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option(
            help="YAML list of rules, which hold throughout instead of those in force then;"
            " recorded changes of rules are passed over, and counted."
        ),
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            help="NAME@VERSION, which holds throughout instead of the one in force for its task,"
            " for cameras added on the way too."
        ),
    ] = "",
    step: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            help="Halt after so many seconds of the recording, each time, until Enter;"
            " on a terminal, Enter halts a replay at any time.",
        ),
    ] = None,
    digest: Annotated[
        bool,
        typer.Option("--digest", help="Print the digest alone; exit 3 below five incidents."),
    ] = False,
    name: Annotated[
        str, typer.Option(help="What the result is kept under, for --compare; else made up.")
    ] = "",
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(help="Replay nothing: what two kept results differ in; live is one."),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="With --compare: a page (HTML) with the pictures."),
    ] = None,
    tables: Annotated[
        bool,
        typer.Option(
            "--tables",
            help="Also store everything in tables of the replay's own, schema replay-NAME;"
            " --remove deletes them.",
        ),
    ] = False,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep", help="Leave the topics and logs of the replay; --remove deletes them."
        ),
    ] = False,
    remove: Annotated[
        bool,
        typer.Option(
            "--remove",
            help="Delete the topics, the tables, the logs and the result of replay --name.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Run a recording again; what it finds is marked as replayed, and wakes nobody.

    On a terminal, Enter halts it, and lets it go on.

    Example: cityops replay rush-hour --speed max --rules stricter.yaml --name stricter
    """
    from psycopg import OperationalError

    from deploy.database.migrate import MigrationError
    from models.manifest import ModelError
    from streams.broker import PartitionsDifferError
    from streams.publisher import BrokerAwayError, PublishError
    from streams.recordings import namespace, outcome, runs, trial
    from streams.recordings.folder import Recording, RecordingError

    settings = load()
    try:
        recording = Recording(folder)
        if compare:
            first, second = (runs.load(recording, each) for each in compare)
            found = runs.compare(first, second)
            if page:
                _write_page(page, recording, compare, found)
            _say_differences(found, as_json=as_json)
            return
        if page:
            raise CommandError("--output goes with --compare: a replay keeps its result itself", 2)
        if tables and offline:
            raise CommandError("--tables needs workers, and --offline has none", 2)
        name = name or uuid4().hex[:6]
        if name == runs.LIVE:
            raise CommandError(f"--name {name}: that is what the live run found", 2)
        namespace.named(settings, name)
        if remove:
            _remove(settings, recording, name)
            return
        plan = _Plan(settings, recording, from_stage, rules, model)
        run = (
            _offline(plan, name, step)
            if offline
            else _namespace(
                plan, name, _speed(speed), step=step, workers=workers, tables=tables, keep=keep
            )
        )
        runs.keep(recording, run)
    except BrokerAwayError as error:
        raise CommandError(f"{error}; run 'make up' first, or give --offline") from None
    except OperationalError as error:
        reason = str(error).splitlines()[0]
        raise CommandError(f"no database answers ({reason}); run 'make up' first") from None
    except (
        OSError,
        ModelError,
        PartitionsDifferError,
        PublishError,
        RecordingError,
        SettingError,
        MigrationError,
        namespace.BadNameError,
        outcome.UnsettledError,
        trial.RulesError,
    ) as error:
        raise CommandError(str(error)) from None
    except KeyboardInterrupt:
        raise CommandError("interrupted; nothing was kept", 130) from None
    _say(recording, run, digest=digest, as_json=as_json)
    if digest and len(run.lines) < FEWEST:
        notes.print(f"{len(run.lines)} incidents and amendments are too few to tell two runs apart")
        raise typer.Exit(EXIT_FEW)


class _Plan:
    """What is to be run: the stages with what they knew at tick A, changed where that is wished."""

    def __init__(
        self,
        settings: Settings,
        recording: "Recording",
        from_stage: FromStage | None,
        rules: Path | None,
        model: str,
    ) -> None:
        from streams.models import registry
        from streams.recordings import path, rerun, trial
        from streams.recordings.folder import RecordingError
        from streams.stages.detect import TASK as DETECTION

        index = recording.index
        wanted = from_stage.value if from_stage else index.from_stage
        if wanted == "detect" and index.from_stage != "detect":
            raise RecordingError(
                f"{recording.folder} has no pictures: it was recorded from {index.from_stage} on"
                " ('cityops record --from-stage detect')"
            )
        models = registry(settings)
        tried = models.find(model) if model else None
        if tried and tried.task == DETECTION and wanted != "detect":
            raise RecordingError(
                f"{model} sees pictures, so the replay has to begin with detect:"
                " record and replay with --from-stage detect"
            )
        if wanted == "detect":
            _require(models, index, tried)
        self.settings = msgspec.structs.replace(settings, partitions=index.partitions)
        self.recording, self.from_stage = recording, wanted
        self.steps = path.steps(wanted)
        self.inputs = path.inputs(wanted)
        stages = [step.build(self.settings) for step in self.steps]
        self.parts: list[Partition] = rerun.begin(
            stages, index.partitions, recording.states(), self.inputs
        )
        self._trial = trial.Trial(trial.rules(rules) if rules else (), tried)
        self._trial.apply(self.parts)
        self._tried = [f"rules {rules}"] if rules else []
        self._tried += [f"model {model}"] if model else []

    def made(self, name: str, how: str, found: "Iterable[Incident]") -> "Run":
        """The result, of what was found; ``how`` in words."""
        from streams.recordings import canonical, machine, runs

        index = self.recording.index
        lines = canonical.log(found, index.after, index.until)
        seen_by = machine.seen_by() if self.from_stage == "detect" else ""
        said = [how, f"from {self.from_stage}", *self._tried]
        if self._trial.passed_over:
            said.append(f"recorded changes passed over: {self._trial.passed_over}")
        return runs.made(name, ", ".join(said), lines, seen_by)

    def slices(self, step: float | None) -> "Iterator[Slice]":
        """Those of the topics that are fed, with a progress bar, halting where that is wished."""
        from rich.progress import Progress

        index = self.recording.index
        halt = Halting(index.after, step)
        with Progress(console=notes, transient=True, disable=step is not None) as progress:
            task = progress.add_task("replaying", total=index.end - index.after)
            for piece in self.recording.slices():
                fed = (record for record in piece.records if record[0] in self.inputs)
                records = [under for record in fed if (under := self._trial.under(record))]
                yield msgspec.structs.replace(piece, records=records)
                progress.update(task, completed=min(piece.tick, index.end) - index.after)
                halt(piece.tick)


def _require(models: "Registry", index: "Index", tried: "Manifest | None") -> None:
    """Refuses a replay that would see less than the live run; says where it may see more.

    Raises models.manifest.ModelError: a model that is needed is not on this machine.
    """
    from streams.stages.detect import TASK as DETECTION

    if tried and tried.task == DETECTION:
        models.path(tried)
    elif index.unseen:
        notes.print(unseen(index), highlight=False, soft_wrap=True)
    else:
        for name in index.models:
            models.path(models.find(name))


def _offline(plan: _Plan, name: str, step: float | None) -> "Run":
    from streams.recordings.rerun import Rerun

    rerun = Rerun(plan.parts)
    found = [incident for piece in plan.slices(step) for incident in rerun.feed(piece)]
    return plan.made(name, "offline", found)


def _namespace(
    plan: _Plan,
    name: str,
    speed: float | None,
    *,
    step: float | None,
    workers: int,
    tables: bool,
    keep: bool,
) -> "Run":
    from streams.publisher import reach
    from streams.recordings import namespace

    settings = namespace.named(plan.settings, name)
    reach(settings)
    if tables:
        _create_tables(settings, name)
    notes.print(f"replaying in namespace {settings.namespace}", highlight=False)
    whole = False
    try:
        found = namespace.run(
            settings,
            plan.steps,
            plan.parts,
            plan.slices(step),
            after=plan.recording.index.after,
            speed=speed,
            workers=workers,
            tables=tables,
        )
        whole = True
    finally:
        if not keep:
            # What workers said of a replay that came to nothing is why.
            namespace.remove(settings, keep_logs=not whole)
        if tables and not (whole or keep):
            _drop_tables(settings)
    if tables:
        notes.print(f'stored: SELECT * FROM "{settings.namespace}".incidents', highlight=False)
    pace = "as fast as can be" if speed is None else f"speed {speed:g}"
    return plan.made(name, f"workers a group: {workers}, {pace}", found)


def _create_tables(settings: Settings, name: str) -> None:
    from deploy.database.migrate import create_namespace

    if not create_namespace(settings, settings.namespace):
        raise CommandError(
            f"replay {name!r} has tables already: give another --name, or --remove it first"
        )


def _drop_tables(settings: Settings) -> bool:
    """False where there were none. Raises psycopg.OperationalError, SettingError."""
    from deploy.database.migrate import drop_namespace
    from streams.recordings import tables

    had = tables.exist(settings)
    if had:
        drop_namespace(settings, settings.namespace)
    return had


def _remove(settings: Settings, recording: "Recording", name: str) -> None:
    from psycopg import OperationalError

    from streams.recordings import namespace, runs

    settings = namespace.named(settings, name)
    said = ""
    try:
        tables = _drop_tables(settings)
    except (OperationalError, SettingError):
        tables, said = False, "; tables were not looked for, as there is no database"
    logged = namespace.logs(settings).exists()
    topics = namespace.remove(settings)
    result = recording.folder / runs.FOLDER / f"{name}.json"
    had = result.exists()
    result.unlink(missing_ok=True)
    if not (topics or had or logged or tables):
        raise CommandError(f"there is no replay {name!r}{said}")
    parts = [f"{len(topics)} topics"] + ["its tables"] * tables
    notes.print(f"removed {name}: {', '.join(parts)}{said}", highlight=False)


def _speed(text: str) -> float | None:
    try:
        speed = None if text == "max" else float(text)
    except ValueError:
        speed = 0
    if speed is not None and not 0.01 <= speed <= 10_000:
        raise CommandError(f"--speed {text!r}: give a number such as 1 or 20, or max", 2)
    return speed


def _say(recording: "Recording", run: "Run", *, digest: bool, as_json: bool) -> None:
    same = run.digest == recording.index.digest
    if as_json:
        shown = {**msgspec.to_builtins(run), "same_as_live": same}
        emit(shown, as_json=True)
        return
    kinds = ", ".join(f"{n} {kind}" for kind, n in run.kinds.items()) or "none"
    if digest:
        console.print(run.digest, highlight=False)
        notes.print(kinds, highlight=False)
        if run.machine:
            notes.print(f"pictures seen by {run.machine}", highlight=False)
        return
    verdict = "as in the live run" if same else "not as in the live run"
    console.print(
        f"{run.name}: {run.how}\nincidents and amendments: {kinds}, {verdict}\ndigest {run.digest}",
        highlight=False,
        soft_wrap=True,
    )
    if not same:
        console.print(
            f"what differs: cityops replay {recording.folder} --compare live {run.name}",
            highlight=False,
            soft_wrap=True,
        )


def _write_page(
    page: Path, recording: "Recording", names: tuple[str, str], found: "list[Difference]"
) -> None:
    from services.differences import html, photographs

    page.write_text(html(recording.folder.name, names, found, photographs(recording, found)))
    notes.print(f"{page}: {len(found)} differences", highlight=False, soft_wrap=True)


def _say_differences(found: "list[Difference]", *, as_json: bool) -> None:
    from services.commands.since import local
    from streams.events import to_rfc3339

    def when(times: dict[str, Any] | None) -> str | None:
        return local(to_rfc3339(times["decided_at"])) if times else None

    if as_json:
        emit(msgspec.to_builtins(found), as_json=True)
        return
    rows = [
        {
            "change": difference.change,
            "kind": difference.kind,
            "where": " ".join([*difference.sources, difference.zone]).strip(),
            "first": when(difference.first),
            "second": when(difference.second),
        }
        for difference in found
    ]
    emit(rows, as_json=False, columns=COLUMNS, empty="no difference")
