"""``cityops evaluate sensors``: what rules find of failures of the city's simulated systems."""

from typing import Annotated, Any

import msgspec
import typer

from services.commandline.output import CommandError, JsonArray, emit, notes
from streams.settings import load

COLUMNS = (
    "kind",
    "by",
    "runs",
    "found",
    "recall",
    "right",
    "false",
    "precision",
    "delay_s_median",
    "delay_s_max",
    "false_per_source_day",
    "easy",
)


def command(
    *,
    seeds: Annotated[str, typer.Option(help="FIRST-LAST, or one seed.")] = "1001-1005",
    kind: Annotated[
        list[str] | None, typer.Option(help="Kind of failure, repeatable; if none: all.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes; 0: one per core.")] = 0,
    as_json: JsonArray = False,
) -> None:
    """Stage failures in the city's systems offline, and say how well default rules find them.

    Each is drawn by its seed: where, when, how long and how strong. Beside the rules two simple
    detectors see the same readings: limits without patience, and three standard deviations. Where
    one of them has a precision and recall of 0.9, the kind is too easy and proves nothing.

    Example: cityops evaluate sensors --seeds 1001-1005 --kind feeder_failure
    """
    load()
    from rich.progress import Progress

    from services.commandline import sensing
    from services.commandline.seeds import cores, seed_numbers
    from simulators.world.script import FAILURES

    chosen = [name for name in FAILURES if kind is None or name in kind]
    if unknown := sorted(set(kind or ()) - set(FAILURES)):
        raise CommandError(f"no kind {unknown[0]!r}; there are {', '.join(FAILURES)}", code=2)
    wanted = seed_numbers(seeds)
    runs: list[sensing.Run] = []
    with Progress(console=notes, transient=True) as progress:
        task = progress.add_task("evaluating", total=len(wanted) * len(chosen))
        for found in sensing.evaluate(wanted, chosen, workers or cores()):
            runs += found
            progress.advance(task)
    rows = [msgspec.to_builtins(one) for one in sensing.results(runs)]
    emit(rows if as_json else [*map(_shown, rows)], as_json=as_json, columns=COLUMNS)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: f"{value['value']:.2f} ({value['low']:.2f}–{value['high']:.2f})"
        if isinstance(value, dict)
        else value
        for name, value in row.items()
    }
