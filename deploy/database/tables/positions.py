"""Layout of what ``streams/tables/positions.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "positions",
    "Where each consumer stands in each partition of the log",
    (
        Column("consumer", "text", "Name of the part that reads, e.g. writer"),
        Column("topic", "text", "Logical topic, without the namespace"),
        Column("partition", "int4", "Partition of the topic, from 0"),
        Column("next_offset", "int8", "Offset of the next message to take"),
        Column(
            "marks",
            "jsonb",
            "Highest mark taken per upstream: rows of [stage, topic, partition, offset, index]",
        ),
        Column(
            "counts", "jsonb", "Messages and rows since the namespace was made, by name (number of)"
        ),
        Column(
            "newest",
            "timestamptz",
            "Event time that the partition's ticks have reached (UTC); null: none seen",
        ),
        Column("moved_at", "timestamptz", "Wall-clock time of the last move (UTC)"),
        Column(
            "since",
            "timestamptz",
            "Wall-clock time since which counts counts (UTC); null: an earlier release began to",
        ),
        Column(
            "agreements",
            "jsonb",
            "What has come of each stage since its accounts came last, and what they said",
        ),
        Column(
            "announced",
            "bool",
            "Whether ticks of the partition say where time resumes; if so, others are refused",
        ),
    ),
    kept="for ever",
)
