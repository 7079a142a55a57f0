"""Figures of speed and memory, from ``make bench``."""

from tests.benchmarks.report import Figure, Report, Run, measured, rows
from tests.figures.origin import said
from tests.figures.tables import table

MEMORY = "memory_"
"""Begins the names of figures that are a process's peak memory."""
LEAST_CORES = 0.02


def text(report: Report) -> str:
    """Every figure with its goal, the missed ones first of all, then memory, then the machine."""
    speed = {name: f for name, f in report.figures.items() if not name.startswith(MEMORY)}
    memory = {name: f for name, f in report.figures.items() if name.startswith(MEMORY)}
    said_of = [(f"`{row[0]}`", speed[row[0]].about, *row[1:]) for row in rows(speed)]
    columns = ("figure", "what it is", ">measured", ">against", "goal", "")
    parts = [_missed(report.figures), table(columns, said_of) if speed else ""]
    if memory:
        peaks = [(name.removeprefix(MEMORY), measured(figure)) for name, figure in memory.items()]
        parts.append(table(("process", ">most memory resident"), peaks))
    return "\n\n".join([*filter(None, parts), _origin(report)])


def runs(report: Report) -> dict[str, Run]:
    return {"": report}


def _missed(figures: dict[str, Figure]) -> str:
    goals = [name for name, figure in figures.items() if figure.met is not None]
    missed = [f"`{name}`" for name in goals if not figures[name].met]
    if not goals:
        return ""
    if not missed:
        return f"All {len(goals)} goals are met." if len(goals) > 1 else "The one goal is met."
    said = f"Missed: {', '.join(missed)} ({len(missed)} of {len(goals)} goals)."
    spent = [_spent(name, figures[name]) for name in goals if not figures[name].met]
    return " ".join([said, *filter(None, spent)])


def _spent(name: str, figure: Figure) -> str:
    """What the time of a missed figure goes to."""
    busy = sorted(figure.cores.items(), key=lambda item: -item[1])
    shares = ", ".join(f"{process} {cores:.2f}" for process, cores in busy if cores >= LEAST_CORES)
    return f"Cores kept busy by `{name}`: {shares}." if shares else ""


def _origin(report: Report) -> str:
    rounds = [figure.rounds for figure in report.figures.values()]
    fewest, most = min(rounds, default=0), max(rounds, default=0)
    ours = str(most) if fewest == most else f"{fewest} to {most}"
    return (
        f"Rounds of each contender, of which medians are given: {ours}, on the same servers. "
        f"{said(report)}."
    )
