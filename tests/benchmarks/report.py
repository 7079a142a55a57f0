"""What was measured: one figure each, as JSON for programs and as a table for people."""

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import msgspec


class Versus(msgspec.Struct, frozen=True):
    """A contender in the same run, with ours divided by its value, round by round; the median."""

    value: float
    ratio: float


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """Medians over ``rounds``; ``met`` is None where a figure has no goal."""

    value: float
    unit: str
    about: str
    versus: dict[str, Versus] = {}
    goal: str = ""
    met: bool | None = None
    rounds: int = 1
    p50: float | None = None
    p99: float | None = None
    """Of latencies, milliseconds."""
    cores: dict[str, float] = {}
    """What the time goes to: process to the processor cores it kept busy, in the last round."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What the figures of one run rest on."""

    commit: str
    date: str = ""
    """Day on which the run began, ``YYYY-MM-DD`` in UTC; empty in files of before it was kept."""
    sources: str
    """Digest of the code that was measured, see ``tests.figures.sources``."""
    machine: dict[str, str]


class Report(Run, frozen=True, kw_only=True):
    """With what was measured."""

    figures: dict[str, Figure]


def compared(
    ours: Sequence[float],
    others: Mapping[str, Sequence[float]],
    least: Mapping[str, float],
    *,
    unit: str,
    about: str,
    cores: Mapping[str, float],
) -> Figure:
    """A figure of speed: at least ``least`` times each contender, paired round by round."""
    versus = {
        name: Versus(median(values), median(a / b for a, b in zip(ours, values, strict=True)))
        for name, values in others.items()
    }
    return Figure(
        value=median(ours),
        unit=unit,
        about=about,
        versus=versus,
        goal=", ".join(f"≥ {least[name]:g} × {name}" for name in others),
        met=all(versus[name].ratio >= least[name] for name in others),
        rounds=len(ours),
        cores=dict(cores),
    )


def machine() -> dict[str, str]:
    """What the figures rest on besides the code; names no host."""
    names = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": names[0].split(":")[1].strip() if names else platform.processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{gibibytes:.0f} GiB",
        "python": platform.python_version(),
    }


def today() -> str:
    """``YYYY-MM-DD``, UTC."""
    return datetime.now(UTC).date().isoformat()


def commit() -> str:
    """The commit that is checked out, with ``+`` where the tree differs from it."""

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], capture_output=True, text=True, check=True
        ).stdout.strip()

    return git("rev-parse", "--short=10", "HEAD") + "+" * bool(git("status", "--porcelain", "-uno"))


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


def rows(figures: Mapping[str, Figure]) -> list[tuple[str, str, str, str, str]]:
    """(figure, measured, against, goal, met) of each, for tables."""
    return [
        (name, measured(figure), against(figure), figure.goal or "–", _verdict(figure))
        for name, figure in figures.items()
    ]


def measured(figure: Figure) -> str:
    if figure.p99 is not None:
        return f"p50 {figure.p50:,.0f}, p99 {figure.p99:,.0f} {figure.unit}"
    digits = 0 if figure.value >= 100 else 1 if figure.value >= 10 else 2
    return f"{figure.value:,.{digits}f} {figure.unit}"


def against(figure: Figure) -> str:
    found = [f"{each.ratio:.2f} × {name}" for name, each in figure.versus.items()]
    return ", ".join(found) or "–"


def _verdict(figure: Figure) -> str:
    return {None: "–", True: "met", False: "**missed**"}[figure.met]
