"""``cityops evaluate series``: how well unusual readings are found, against labelled windows."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commandline.output import CommandError, JsonObject, emit, notes
from streams.settings import load

if TYPE_CHECKING:
    from services.commandline.nab import Labelled

COLUMNS = ("series", "rows", "windows", "found", "false", "score", "alone", "others")


def command(
    series: Annotated[
        list[Path],
        typer.Argument(help="Lines of timestamp,value (CSV, the first line names them) each."),
    ],
    windows: Annotated[
        Path,
        typer.Option(
            help="JSON: of each file's name, or the end of its path, the first and last time of"
            " each unusual stretch, as NAB has them."
        ),
    ],
    *,
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Alarms are scores from here on; default: what is best for all."
        ),
    ] = None,
    scored: Annotated[
        bool,
        typer.Option("--scored", help="Take the scores that the files have: anybody's, not ours."),
    ] = False,
    as_json: JsonObject = False,
) -> None:
    """Measure how well anomalies are found by the Numenta Anomaly Benchmark's standard profile.

    100 is perfect, 0 is no alarm at all. `alone` is the score at the threshold that is best for
    this series, `others` at the one that is best for all others, which has not seen it.

    Example: cityops evaluate series --windows windows.json speed.csv occupancy.csv
    """
    load()
    from services.commandline import labelled, nab
    from services.commandline.film import bar
    from services.commandline.series import SeriesError

    try:
        known = labelled.read_windows(windows)
        corpus: dict[str, Labelled] = {}
        with bar() as progress:
            for path in progress.track(series, description="scoring"):
                corpus[str(path)] = labelled.read(path, known, scored=scored)
    except SeriesError as error:
        raise CommandError(str(error)) from None
    every = list(corpus.values())
    common = nab.best_threshold(every) if threshold is None else threshold
    rows = []
    for name, one in corpus.items():
        rest = [other for key, other in corpus.items() if key != name]
        rows.append(
            _row(name, [one], common)
            | {
                "alone": nab.outcome([one], nab.best_threshold([one])).score,
                "others": nab.outcome([one], nab.best_threshold(rest)).score if rest else None,
            }
        )
    whole = _row("together", every, common)
    if as_json:
        emit({"threshold": common, "series": rows, "together": whole}, as_json=True)
    else:
        emit([*map(_shown, rows), _shown(whole)], as_json=False, columns=COLUMNS)
        least = f"scores from {common:.3f} on" if common < nab.NEVER else "none: that is worth most"
        notes.print(f"alarms are {least}")


def _row(name: str, corpus: "list[Labelled]", threshold: float) -> dict[str, Any]:
    from services.commandline import nab

    found = nab.outcome(corpus, threshold)
    return {
        "series": name,
        "rows": sum(len(one.scores) for one in corpus),
        "windows": found.windows,
        "found": found.found,
        "false": found.false_alarms,
        "score": found.score,
    }


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: f"{value:.1f}" if isinstance(value, float) else value for name, value in row.items()
    }
