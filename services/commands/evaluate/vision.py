"""``cityops evaluate vision``: the stages' results against the simulated city's ground truth."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from services.commandline.output import CommandError, JsonArray, emit, notes
from services.commandline.seeds import Workers, cores, seed_numbers
from streams.settings import load

COLUMNS = (
    "scenario",
    "kind",
    "seeds",
    "true",
    "found",
    "false",
    "precision",
    "recall",
    "delay_s_median",
    "delay_s_max",
    "overlap_mean",
    "overlap_min",
)


def command(
    *,
    seeds: Annotated[str, typer.Option(help="FIRST-LAST, or one seed.")] = "1001-1010",
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            help="Name or file, repeatable; if none: vehicles stop, and nothing happens. What is"
            " no name lists those that come with the city."
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=1, help="Length of each run in event time.")
    ] = 120.0,
    workers: Workers = 0,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="JSON file: scores, kinds, runs.")
    ] = Path("build/evaluation.json"),
    anew: Annotated[
        bool, typer.Option("--anew", help="Do runs again that an earlier evaluation has done.")
    ] = False,
    as_json: JsonArray = False,
) -> None:
    """Run scenarios offline and print precision, recall and delay for every kind of incident.

    Each run's result is written as it ends, beside the output (FILE.runs). An evaluation that was
    interrupted goes on with the runs that are missing, if code, models and scenario are the same.

    Exits with 1 unless every true incident is found exactly once, shown by a box that overlaps the
    true one by half or more, and nothing else is found.

    Example: cityops evaluate vision --seeds 1001-1010 --scenario queue --scenario beside
    """
    from rich.progress import Progress

    from services.commandline import evaluation
    from services.commandline.finished import Finished
    from simulators.scenario import QUIET, STOPS, ScenarioError
    from simulators.scenario import load as load_scenario

    numbers = seed_numbers(seeds)
    names = scenario or [STOPS, QUIET]
    try:
        wrong = {name: load_scenario(name).is_wrong for name in names}
    except ScenarioError as error:
        raise CommandError(str(error), code=2) from None
    _check(output)
    settings = load()
    runs = [(name, seed) for name in names for seed in numbers]
    finished = Finished(output.with_name(output.name + ".runs"), settings)
    known = {} if anew else {run: finished.get(*run, seconds) for run in runs}
    results = [result for result in known.values() if result]
    left = [run for run in runs if not known.get(run)]
    if results:
        notes.print(f"{len(results)} of {len(runs)} runs were done already: --anew repeats them")
    with Progress(console=notes, transient=True) as progress:
        task = progress.add_task("evaluating", total=len(runs), completed=len(results))
        for result in evaluation.evaluate(settings, left, seconds, workers or cores()):
            finished.add(result)
            results.append(result)
            progress.advance(task)
    results.sort(key=lambda result: (result.scenario, result.seed))
    scores = evaluation.score(results)
    kinds = evaluation.summarise(results)
    report = msgspec.json.encode({"scores": scores, "kinds": kinds, "runs": results})
    try:
        output.write_bytes(msgspec.json.format(report) + b"\n")
    except OSError as error:
        raise CommandError(f"{output}: {error.strerror}") from None
    emit([_row(score, as_json) for score in scores], as_json=as_json, columns=COLUMNS)
    notes.print(f"{output}", highlight=False)
    for name, happens in wrong.items():
        if happens and not any(score.true for score in scores if score.scenario == name):
            raise CommandError(f"nothing happened in {name}: raise --seconds")
    if not all(score.passed for score in scores):
        raise typer.Exit(1)


def _check(output: Path) -> None:
    """Before the runs, which take their time."""
    if output.is_dir():
        raise CommandError(f"{output} is a folder: name a file in it")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"{output.parent}: {error.strerror}") from None


def _row(score: Any, exact: bool) -> dict[str, Any]:
    row: dict[str, Any] = {**msgspec.structs.asdict(score), "passed": score.passed}
    if exact:
        return row
    return {
        name: f"{value:.2f}" if isinstance(value, float) else value for name, value in row.items()
    }
