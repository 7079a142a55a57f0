"""``cityops score``: how unusual each reading of a series is, offline."""

import csv
from pathlib import Path
from typing import Annotated

import typer

from services.commandline.output import CommandError, JsonObject, emit, notes
from streams.settings import load


def command(
    series: Annotated[
        Path,
        typer.Argument(
            help="Lines of timestamp,value (CSV, the first line names them), or a pipe; 512 MiB at"
            " most."
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="CSV file to write.")],
    *,
    as_json: JsonObject = False,
) -> None:
    """Score how unlike its past each reading of a series is: 0 not at all, from 0.5 an alarm.

    A score rests on the readings before it only, in the order of the file; right after a high one
    only a higher one is told. Times without an offset are UTC. Writes
    timestamp,value,anomaly_score.

    Example: cityops score travel-time.csv -o scored.csv
    """
    load()
    from models import novelty
    from services.commandline.film import bar
    from services.commandline.series import SCORE, TIMESTAMP, VALUE, SeriesError, parts
    from services.commandline.written import written

    _check(series, output)
    state, rows, alarms, highest = novelty.NEW, 0, 0, 0
    try:
        with bar() as progress, written(output) as file:
            task = progress.add_task("scoring", total=None)
            out = csv.writer(file, lineterminator="\n")
            out.writerow((TIMESTAMP, VALUE, SCORE))
            for part in parts(
                series, lambda done, whole: progress.update(task, completed=done, total=whole)
            ):
                state, scores = novelty.follow(state, part.times, part.values)
                out.writerows(
                    (time, value, f"{score:.6f}")
                    for (time, value), score in zip(
                        part.cells, (scores / novelty.UNITS).tolist(), strict=True
                    )
                )
                rows += len(scores)
                alarms += int((scores >= novelty.ALARM).sum())
                highest = max(highest, int(scores.max()))
    except SeriesError as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        raise CommandError(f"{output}: {error.strerror}") from None
    found = {"rows": rows, "alarms": alarms, "highest": highest / novelty.UNITS}
    if as_json:
        emit({**found, "output": str(output)}, as_json=True)
    else:
        notes.print(f"{output}: {rows} rows, {alarms} with a score of 0.5 or more")


def _check(series: Path, output: Path) -> None:
    if not output.parent.is_dir():
        raise CommandError(f"there is no folder {output.parent} to write {output.name} to")
    if output.is_dir():
        raise CommandError(f"{output} is a folder: name a file in it")
    if output.resolve() == series.resolve():
        raise CommandError(f"{output} is the series that is read: give it another name")
