"""``cityops export alerts``: alerts as a file for a spreadsheet."""

from typing import Annotated

import typer

from services.commandline import listing
from services.commandline.exports import AsJson, Force, Output, Until, export


def command(
    *,
    output: Output,
    state: listing.States = None,
    kind: listing.Kinds = None,
    source: listing.Sources = None,
    severity: listing.Severities = None,
    origin: listing.Origins = None,
    text: Annotated[
        str,
        typer.Option(
            help="Words that are all in it: of ids, names, people; diacritics may be left out."
        ),
    ] = "",
    since: listing.Since = "",
    until: Until = "",
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write alerts to a CSV file, the latest first; filters can be repeated. It is recorded.

    All that match are written, or, where they are more than 100,000, none. A text that a
    spreadsheet would take for a formula has an apostrophe before it.

    Example: cityops export alerts --since 7d -o alerts.csv
    """
    filters = {
        "state": state,
        "kind": kind,
        "source": source,
        "severity": severity,
        "origin": origin,
        "text": text,
    }
    export("alerts", output, filters, since=since, until=until, force=force, as_json=as_json)
