"""Figures of speed and memory, from ``make bench``."""

from tests.benchmarks.report import COLUMNS, Figure, Report, rows, undecided
from tests.figures.tables import table
from tests.support.origin import Run, said

MEMORY = "memory_"
"""Begins the names of figures that are a process's peak memory."""
LEAST_CORES = 0.02


def text(report: Report) -> str:
    """Missed and undecided goals first of all, every figure, then memory, then the machine."""
    speed = {name: f for name, f in report.figures.items() if not name.startswith(MEMORY)}
    memory = {name: f for name, f in report.figures.items() if name.startswith(MEMORY)}
    said_of = [(f"`{row[0]}`", speed[row[0]].about, *row[1:]) for row in rows(speed)]
    columns = ("figure", "what it is", *(f">{name}" for name in COLUMNS[:-2]), *COLUMNS[-2:])
    parts = [_missed(report.figures), table(columns, said_of) if speed else ""]
    if memory:
        peaks = [(row[0].removeprefix(MEMORY), *row[1:3]) for row in rows(memory)]
        parts.append(table(("process", ">most memory resident", ">min–max of the runs"), peaks))
    return "\n\n".join([*filter(None, parts), _origin(report)])


def runs(report: Report) -> dict[str, Run]:
    return {"": report}


def _missed(figures: dict[str, Figure]) -> str:
    goals = [
        name for name, figure in figures.items() if figure.met is not None or undecided(figure)
    ]
    missed = [name for name in goals if figures[name].met is False]
    not_decided = [name for name in goals if undecided(figures[name])]
    if not goals:
        return ""
    if not missed and not not_decided:
        return f"All {len(goals)} goals are met." if len(goals) > 1 else "The one goal is met."
    said = []
    if missed:
        said.append(f"Missed: {_named(missed)} ({len(missed)} of {len(goals)} goals).")
    if not_decided:
        number = f"{len(not_decided)} of {len(goals)} goals"
        said.append(f"Not decided by these rounds: {_named(not_decided)} ({number}).")
    spent = [_spent(name, figures[name]) for name in missed]
    return " ".join([*said, *filter(None, spent)])


def _named(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _spent(name: str, figure: Figure) -> str:
    """What the time of a missed figure goes to."""
    busy = sorted(figure.cores.items(), key=lambda item: -item[1])
    shares = ", ".join(f"{process} {cores:.2f}" for process, cores in busy if cores >= LEAST_CORES)
    return f"Cores kept busy by `{name}`: {shares}." if shares else ""


def _origin(report: Report) -> str:
    rounds = [
        figure.rounds for name, figure in report.figures.items() if not name.startswith(MEMORY)
    ]
    fewest, most = min(rounds, default=0), max(rounds, default=0)
    ours = str(most) if fewest == most else f"{fewest} to {most}"
    return (
        f"Rounds of each contender, in turn, of which medians are given: {ours}, on the same "
        "servers. CPU: processor seconds of all processes that took part, broker and database "
        "included. "
        f"{said(report)}."
    )
