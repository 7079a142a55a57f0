"""``make bench``: every figure of the README, all contenders in one run on the same servers.

Contenders run in turn; a figure is a median with its spread, and one round decides no goal.

make bench ARGS="--only readings_e2e --rounds 1"
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks import (
    capacity,
    doors,
    frames,
    late,
    latency,
    operators,
    readings,
    recovery,
    replay,
    report,
)
from tests.benchmarks.bed import Bed, Stalled
from tests.benchmarks.report import Figure
from tests.benchmarks.rounds import spread
from tests.support import origin

OUTPUT = Path("build/bench.json")
CONTENDERS = ("plain_faust", "raw_loop", "quix", "bytewax", "database_alone")
MEBIBYTE = 2**20

Figures = dict[str, Figure]


def _live(bed: Bed, rounds: int, known: Figures) -> Figures:
    return capacity.measure_readings(bed, rounds, known["readings_e2e"].value)


def _cameras(bed: Bed, rounds: int, known: Figures) -> Figures:
    return capacity.measure_cameras(bed, rounds, known["frames_e2e"].value)


def _latency(bed: Bed, rounds: int, known: Figures) -> Figures:
    return latency.measure(bed, rounds, known["readings_live"].value, known["cameras"].value)


MEASURES: dict[str, tuple[Callable[[Bed, int, Figures], Figures], tuple[str, ...]]] = {
    "readings_e2e": (lambda bed, rounds, _: readings.measure(bed, rounds), ()),
    "readings_late": (lambda bed, rounds, _: late.measure(bed, rounds), ()),
    "frames_e2e": (lambda bed, rounds, _: frames.measure(bed, rounds), ()),
    "recovery": (lambda bed, rounds, _: recovery.measure(bed, rounds), ()),
    "replay_offline": (lambda bed, rounds, _: replay.measure(bed, rounds), ()),
    "broker_doors": (lambda _bed, rounds, _: doors.measure(rounds), ()),
    "operators": (lambda bed, rounds, _: operators.measure(bed, rounds), ()),
    "readings_live": (_live, ("readings_e2e",)),
    "cameras": (_cameras, ("frames_e2e",)),
    "latency": (_latency, ("readings_e2e", "frames_e2e", "readings_live", "cameras")),
}
"""Name to how it is measured, and to the figures that it rests on."""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, default=3, help="of each contender, in turn")
    parser.add_argument(
        "--only", action="append", choices=MEASURES, help="this figure, and those it rests on"
    )
    asked = parser.parse_args()
    console = Console(stderr=True, highlight=False)
    wanted = set(asked.only or MEASURES)
    for name in list(wanted):
        wanted |= set(MEASURES[name][1])
    some = OUTPUT.with_stem("bench-some")
    figures: Figures = {}
    failed: list[str] = []
    run = origin.here("bench")
    with Bed() as bed:
        for name, (measure, _) in MEASURES.items():
            if name not in wanted or wanting(name, failed):
                continue
            try:
                with console.status(f"measuring {name}, {asked.rounds} rounds"):
                    found = measure(bed, asked.rounds, figures)
            except Stalled as error:
                console.print(f"{name}: not measured: {error}", markup=False)
                failed.append(name)
                continue
            figures |= found
            for each, figure in found.items():
                console.print(f"{each}: {report.measured(figure)}; {report.against(figure)}")
            # At once: an interrupted run has not been for nothing.
            report.write(figures | _memory(bed), run, some)
        figures |= _memory(bed)
    # What was left out must not be left out of the README, which is made of this file.
    output = OUTPUT if wanted == set(MEASURES) and not failed else some
    report.write(figures, run, output)
    _print(figures)
    print(f"written to {output}")
    if failed:
        console.print(f"error: not measured: {', '.join(failed)}", markup=False)
    return 1 if failed else 0


def wanting(name: str, failed: list[str]) -> bool:
    """Whether a figure that it rests on could not be measured."""
    return any(each in failed or wanting(each, failed) for each in MEASURES[name][1])


def _memory(bed: Bed) -> Figures:
    return {
        f"memory_{name}": Figure(
            value=round(max(sizes) / MEBIBYTE, 1),
            unit="MiB",
            about=f"most memory resident in {name}, over all of these runs",
            spread=spread([round(size / MEBIBYTE, 1) for size in sizes]),
            rounds=len(sizes),
        )
        for name, sizes in sorted(bed.memory.items())
        if not name.startswith(CONTENDERS)
    }


def _print(figures: Figures) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("figure", *report.COLUMNS):
        table.add_column(column, overflow="fold")
    for row in report.rows(figures):
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
