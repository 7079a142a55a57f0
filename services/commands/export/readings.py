"""``cityops export readings``: what sensors measured, as a file for a spreadsheet."""

from services.commandline import listing
from services.commandline.exports import AsJson, Force, Output, Until, export


def command(
    *,
    output: Output,
    since: listing.Since,
    until: Until = "",
    source: listing.Sources = None,
    metric: listing.Metrics = None,
    origin: listing.Origins = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write readings to a CSV file, in their order; filters can be repeated. It is recorded.

    One row per source, time and metric. All that match are written, or, where they are more than
    600,000 (a month of one metric each five seconds has 535,680), none.

    Example: cityops export readings --source loop-to-hieu-dong-1 --since 24h -o loop.csv
    """
    filters = {"source": source, "metric": metric, "origin": origin}
    export("readings", output, filters, since=since, until=until, force=force, as_json=as_json)
