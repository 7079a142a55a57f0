"""Precision and recall of the scripted scenarios, from ``make evaluate``."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from services.commandline.evaluation import Score, Summary
from tests.figures.tables import table
from tests.support.origin import Run, said


class Scenarios(Run, frozen=True, kw_only=True):
    seconds: float
    """Length of each run, event time."""
    kinds: list[Summary]
    scores: tuple[Score, ...] = ()
    """By scenario, too; none in files from before that was kept."""


def read(path: Path) -> Scenarios:
    return msgspec.json.decode(path.read_bytes(), type=Scenarios)


def text(found: Scenarios) -> str:
    """One row for each incident kind."""
    columns = (
        "incident", ">runs with", ">runs without", ">happened", ">found", ">false",
        ">precision", ">recall", ">delay, median", ">delay, most",
    )  # fmt: skip
    rows = [
        (
            kind.kind.replace("_", " "),
            kind.runs_with,
            kind.runs_without,
            kind.true,
            kind.found,
            kind.false,
            _share(kind.precision),
            _share(kind.recall),
            _seconds(kind.delay_s_median),
            _seconds(kind.delay_s_max),
        )
        for kind in found.kinds
    ]
    seeds = sorted({seed for kind in found.kinds for seed in kind.seeds})
    hours = max((kind.camera_hours for kind in found.kinds), default=0.0)
    return (
        f"{table(columns, rows)}\n\n{_by_scenario(found.scores)}"
        f"Seeds {_spans(seeds)}, {found.seconds:g} s of the city a run, {hours:.1f} camera-hours. "
        "Found: within the incident, on its camera or loop and in its zone. Delay: from when the "
        "vehicle stands, the people are there, or a queue stands on the loop, to the decision. "
        f"{said(found)}."
    )


def _by_scenario(scores: Sequence[Score]) -> str:
    """A row for what is staged in each scenario, or is found there though nothing is."""
    columns = ("scenario", "incident", ">happened", ">found", ">false", ">delay, median")
    rows = []
    for name in sorted({score.scenario for score in scores}):
        some = [score for score in scores if score.scenario == name]
        told = [score for score in some if score.true or score.false]
        rows += [
            (
                name,
                score.kind.replace("_", " "),
                score.true,
                score.found,
                score.false,
                _seconds(score.delay_s_median),
            )
            for score in told
        ] or [(name, "nothing happens", 0, 0, 0, "–")]
    return f"{table(columns, rows)}\n\n" if rows else ""


def runs(found: Scenarios) -> dict[str, Run]:
    return {"": found}


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def _spans(numbers: list[int]) -> str:
    """``2001–2010, 2015``."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(f"{a}–{b}" if a < b else str(a) for a, b in spans)
