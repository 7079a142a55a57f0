"""``cityops export incidents``: incidents as a file for a spreadsheet."""

from services.commandline import listing
from services.commandline.exports import AsJson, Force, Output, Until, export


def command(
    *,
    output: Output,
    kind: listing.Kinds = None,
    source: listing.Sources = None,
    origin: listing.Origins = None,
    since: listing.Since = "",
    until: Until = "",
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write incidents to a CSV file, the latest first; filters can be repeated. It is recorded.

    All that match are written, or, where they are more than 100,000, none.

    Example: cityops export incidents --kind stopped_vehicle --since 7d -o stopped.csv
    """
    filters = {"kind": kind, "source": source, "origin": origin}
    export("incidents", output, filters, since=since, until=until, force=force, as_json=as_json)
