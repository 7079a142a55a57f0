"""Layout of what ``services/alerts/suppression_store.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "suppression_transitions",
    "Everything that was ever put out of service or maintained, append only: what keeps alerts from"
    " asking, by whom and why",
    (
        Column("sequence", "int8", "Number in the order in which the rows were written"),
        Column("suppression", "text", "Id of the suppression"),
        Column("version", "int4", "Number within the suppression: 1, and 2 for its end"),
        Column("kind", "text", "began or ended; a window that ends as planned has no line for it"),
        Column("time", "timestamptz", "Event time at which somebody said so (UTC)"),
        Column("actor", "text", "User name"),
        Column(
            "command", "text", "Client's id of the request, so that one sent twice is done once"
        ),
        Column("form", "int2", "Form of body; a release that does not know it refuses to read on"),
        Column(
            "body", "jsonb", "What began, or why it ended; times in microseconds since 1970 UTC"
        ),
        Column("recorded_at", "timestamptz", "Wall-clock time at which the row was written (UTC)"),
    ),
    kept="for ever",
)
