"""``cityops export dispositions``: closed alerts as a labelled set."""

from services.commandline import listing
from services.commandline.exports import AsJson, Force, Output, Until, export


def command(
    *,
    output: Output,
    since: listing.Since = "",
    until: Until = "",
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write closed alerts with what they were to a CSV file, the latest first. It is recorded.

    A labelled set: true, false, nuisance, test, duplicate, with rule, source, models and the hash
    of each frame. A text that a spreadsheet would take for a formula has an apostrophe before it.

    Example: cityops export dispositions --since 30d -o labelled.csv
    """
    export("dispositions", output, {}, since=since, until=until, force=force, as_json=as_json)
