"""What was measured: one figure each, as JSON for programs and as a table for people."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import msgspec

from tests.benchmarks.rounds import Rate, Spread, all_met, at_least, spread
from tests.support.origin import Run

Per = tuple[float, str]
"""So many pieces of work, and what they are called."""
READINGS: Per = (1e6, "million readings")
FRAMES: Per = (1e3, "thousand frames")


NOTHING = "–"
"""In a table: not measured, or there is no such thing."""


class Cost(msgspec.Struct, frozen=True):
    """Processor seconds over all processes that took part, servers too; median of the rounds."""

    value: float
    per: str
    spread: Spread | None = None


class Versus(msgspec.Struct, frozen=True):
    """A contender in the same run, with ours divided by its value, round by round; the median."""

    value: float
    ratio: float
    spread: Spread | None = None
    """Of the ratio."""
    cost: Cost | None = None
    """Of the contender."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """Medians over ``rounds``, where ``about`` says nothing else."""

    value: float
    unit: str
    about: str
    spread: Spread | None = None
    """Of ``value``; None after one round, and in files from before it was measured."""
    cost: Cost | None = None
    """Of a rate."""
    versus: dict[str, Versus] = {}
    goal: str = ""
    met: bool | None = None
    """None where there is no goal, or where the rounds do not decide it."""
    rounds: int = 1
    p50: float | None = None
    p99: float | None = None
    """Of latencies, milliseconds."""
    cores: dict[str, float] = {}
    """What the time goes to: process to the processor cores it kept busy, in one round."""


class Report(Run, frozen=True, kw_only=True):
    """With what was measured."""

    figures: dict[str, Figure]


def compared(
    ours: Sequence[Rate],
    others: Mapping[str, Sequence[Rate]],
    least: Mapping[str, float],
    *,
    unit: str,
    per: Per,
    about: str,
) -> Figure:
    """A figure of speed: at least ``least`` times each contender, paired round by round."""
    ratios = {
        name: [a.value / b.value for a, b in zip(ours, rates, strict=True)]
        for name, rates in others.items()
    }
    values = [rate.value for rate in ours]
    return Figure(
        value=median(values),
        unit=unit,
        about=about,
        spread=spread(values),
        cost=cost([rate.seconds for rate in ours], per),
        versus={
            name: Versus(
                median(rate.value for rate in rates),
                median(ratios[name]),
                spread(ratios[name]),
                cost([rate.seconds for rate in rates], per),
            )
            for name, rates in others.items()
        },
        goal=", ".join(f"≥ {least[name]:g} × {name}" for name in others if name in least),
        met=all_met(at_least(least[name], ratios[name]) for name in others if name in least)
        if least
        else None,
        rounds=len(ours),
        cores=rounded(ours[-1].cores),
    )


def cost(seconds: Sequence[float], per: Per) -> Cost:
    """``seconds``: of processors, for one piece of work, in each round."""
    number, name = per
    values = [number * each for each in seconds]
    return Cost(median(values), name, spread(values))


def rounded(cores: Mapping[str, float]) -> dict[str, float]:
    """To hundredths, as they are kept."""
    return {name: round(busy, 2) for name, busy in cores.items()}


def write(figures: Mapping[str, Figure], run: Run, path: Path) -> None:
    """Writes ``{NAME: figure}`` to ``path``, and beside it (``.run.json``) what they rest on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for file, content in ((path, figures), (_run(path), run)):
        file.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")


def read(path: Path) -> Report:
    """What ``write`` wrote.

    Raises:
        FileNotFoundError: it wrote nothing.
        msgspec.ValidationError: it is something else.
    """
    figures = msgspec.json.decode(path.read_bytes(), type=dict[str, Figure])
    run = msgspec.json.decode(_run(path).read_bytes(), type=Run)
    return Report(**msgspec.structs.asdict(run), figures=figures)


def _run(path: Path) -> Path:
    return path.with_suffix(".run.json")


COLUMNS = ("measured", "min–max", "CPU", "against (min–max; CPU)", "goal", "")
"""Of ``rows``, behind the figure's name."""


def rows(figures: Mapping[str, Figure]) -> list[tuple[str, ...]]:
    """The name of each figure and its ``COLUMNS``, for tables."""
    return [
        (
            name,
            measured(figure),
            _range(figure.spread) or NOTHING,
            _costs(figure.cost) or NOTHING,
            against(figure),
            figure.goal or NOTHING,
            _verdict(figure),
        )
        for name, figure in figures.items()
    ]


def measured(figure: Figure) -> str:
    if figure.p99 is not None:
        return f"p50 {figure.p50:,.0f}, p99 {figure.p99:,.0f} {figure.unit}"
    return f"{_number(figure.value)} {figure.unit}"


def against(figure: Figure) -> str:
    """``0.55 × other (0.50–0.60; 4.2 s)``; without what was not measured."""
    found = []
    for name, each in figure.versus.items():
        seconds = f"{_number(each.cost.value)} s" if each.cost else ""
        inside = "; ".join(filter(None, (_range(each.spread), seconds)))
        found.append(f"{each.ratio:.2f} × {name}" + (f" ({inside})" if inside else ""))
    return ", ".join(found) or NOTHING


def undecided(figure: Figure) -> bool:
    """There is a goal, and the rounds neither meet nor miss it."""
    return bool(figure.goal) and figure.met is None


def _costs(found: Cost | None) -> str:
    if found is None:
        return ""
    within = f" ({_range(found.spread)})" if found.spread else ""
    return f"{_number(found.value)} s per {found.per}{within}"


def _range(found: Spread | None) -> str:
    return "–".join(map(_number, found)) if found else ""


def _number(value: float) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 or not value else 4
    return f"{value:,.{digits}f}"


def _verdict(figure: Figure) -> str:
    if undecided(figure):
        return "not decided"
    return {None: NOTHING, True: "met", False: "**missed**"}[figure.met]
