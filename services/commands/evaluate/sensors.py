"""``cityops evaluate sensors``: what rules find of failures of two generators of sensors."""

from typing import Annotated, Any

import msgspec
import typer

from services.commandline.output import CommandError, JsonArray, console, emit, headed, notes
from services.commandline.seeds import Workers, cores, seed_numbers
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
    "missed",
)

_MADE = {
    "city": "the simulated city, beside which the rules were made",
    "strangers": "a second generator, which nobody looked at while they were made",
}


def command(
    *,
    seeds: Annotated[str, typer.Option(help="FIRST-LAST, or one seed.")] = "1001-1005",
    kind: Annotated[
        list[str] | None, typer.Option(help="Kind of failure, repeatable; if none: all.")
    ] = None,
    workers: Workers = 0,
    as_json: JsonArray = False,
) -> None:
    """Stage failures in the city's systems offline, and say how well default rules find them.

    Each is drawn by its seed: where, when, how long and how strong. Beside the rules two simple
    detectors see the same readings: limits without patience, and three standard deviations. Where
    one of them has a precision and recall of 0.9, the kind is too easy and proves nothing.

    The rules were made beside the simulated city. What a second generator makes, which nobody
    looked at meanwhile, is reported by itself, as "strangers". The goal is 0.95; which of recall
    and precision miss it is said.

    Example: cityops evaluate sensors --seeds 1001-1005 --kind feeder_failure
    """
    load()
    from rich.progress import Progress

    from services.commandline import sensing
    from simulators.strangers import SHAPES
    from simulators.world.script import FAILURES

    all_: tuple[str, ...] = (*FAILURES, *SHAPES)
    chosen = [name for name in all_ if kind is None or name in kind]
    if unknown := sorted(set(kind or ()) - set(all_)):
        raise CommandError(f"no kind {unknown[0]!r}; there are {', '.join(all_)}", code=2)
    wanted = seed_numbers(seeds)
    runs: list[sensing.Run] = []
    with Progress(console=notes, transient=True) as progress:
        task = progress.add_task("evaluating", total=len(wanted) * len(chosen))
        for found in sensing.evaluate(wanted, chosen, workers or cores()):
            runs += found
            progress.advance(task)
    rows = [msgspec.to_builtins(one) for one in sensing.results(runs)]
    if as_json:
        emit(rows, as_json=True)
        return
    for generator in ("city", "strangers"):
        if own := [row for row in rows if row["generator"] == generator]:
            console.print(headed(generator, _MADE[generator]))
            emit([*map(_shown, own)], as_json=False, columns=COLUMNS)
            console.print(_goals(own))


def _goals(rows: list[dict[str, Any]]) -> str:
    missed = [f"{row['kind']}: {' and '.join(row['missed'])}" for row in rows if row["missed"]]
    goal = f"rules, goal {rows[0]['goal']:.2f} of recall and precision: "
    return goal + (f"missed by {'; '.join(missed)}" if missed else "none is missed")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: f"{value['value']:.2f} ({value['low']:.2f}–{value['high']:.2f})"
        if isinstance(value, dict)
        else ", ".join(value)
        if isinstance(value, list)
        else value
        for name, value in row.items()
    }
