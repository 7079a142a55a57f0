"""``cityops evaluate``: the stages' results against the simulated city's ground truth."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from services.commandline.output import CommandError, JsonArray, emit, notes
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


class Subject(StrEnum):
    vision = "vision"


def command(
    part: Annotated[Subject, typer.Argument(help="What to evaluate.")],
    *,
    seeds: Annotated[str, typer.Option(help="FIRST-LAST, or one seed.")] = "1001-1010",
    scenario: Annotated[
        list[str] | None,
        typer.Option(help="Name or file, repeatable; if none: vehicles stop, and nothing happens."),
    ] = None,
    seconds: Annotated[float, typer.Option(help="Length of each run in event time.")] = 120.0,
    workers: Annotated[int, typer.Option(help="Processes; 0: one per core.")] = 0,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="JSON file: scores, kinds, runs.")
    ] = Path("build/evaluation.json"),
    as_json: JsonArray = False,
) -> None:
    """Run scenarios offline and print precision, recall and delay for every kind of incident.

    Exits with 1 unless every true incident is found exactly once, shown by a box that overlaps the
    true one by half or more, and nothing else is found.

    Example: cityops evaluate vision --seeds 1001-1010
    """
    from rich.progress import Progress

    from services.commandline import evaluation
    from simulators.scenario import QUIET, STOPS, ScenarioError
    from simulators.scenario import load as load_scenario

    numbers = _seeds(seeds)
    names = scenario or [STOPS, QUIET]
    try:
        staged = {name: bool(load_scenario(name).incidents) for name in names}
    except ScenarioError as error:
        raise CommandError(str(error)) from None
    runs = [(name, seed) for name in names for seed in numbers]
    results = []
    with Progress(console=notes, transient=True) as progress:
        task = progress.add_task("evaluating", total=len(runs))
        for result in evaluation.evaluate(load(), runs, seconds, workers or _cores()):
            results.append(result)
            progress.advance(task)
    results.sort(key=lambda result: (result.scenario, result.seed))
    scores = evaluation.score(results)
    kinds = evaluation.summarise(results)
    report = msgspec.json.encode({"scores": scores, "kinds": kinds, "runs": results})
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(msgspec.json.format(report) + b"\n")
    emit([_row(score, as_json) for score in scores], as_json=as_json, columns=COLUMNS)
    notes.print(f"{part}: {output}", highlight=False)
    for score in scores:
        if staged[score.scenario] and not score.true:
            raise CommandError(f"nothing happened in {score.scenario}: raise --seconds")
    if not all(score.passed for score in scores):
        raise typer.Exit(1)


def _seeds(text: str) -> range:
    found = re.fullmatch(r"(\d+)(?:-(\d+))?", text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if first > last:
        raise CommandError(f"--seeds {text!r}: give FIRST-LAST, such as 1001-1010", code=2)
    return range(first, last + 1)


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0))


def _row(score: Any, exact: bool) -> dict[str, Any]:
    row: dict[str, Any] = {**msgspec.structs.asdict(score), "passed": score.passed}
    if exact:
        return row
    return {
        name: f"{value:.2f}" if isinstance(value, float) else value for name, value in row.items()
    }
