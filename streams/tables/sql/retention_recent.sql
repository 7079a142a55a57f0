-- The end of the range of time that the newest part of all stored bytes, a share of them, is in.
WITH stored AS (
    SELECT chunks.range_end, sizes.total_bytes AS bytes
    FROM timescaledb_information.hypertables AS tables
    CROSS JOIN LATERAL chunks_detailed_size(
        format('%%I.%%I', tables.hypertable_schema, tables.hypertable_name)::regclass
    ) AS sizes
    JOIN timescaledb_information.chunks AS chunks
        ON chunks.chunk_schema = sizes.chunk_schema AND chunks.chunk_name = sizes.chunk_name
    WHERE tables.hypertable_schema = current_schema()
),
as_new AS (
    SELECT range_end, sum(bytes) OVER (ORDER BY range_end DESC) AS bytes, sum(bytes) OVER () AS total
    FROM stored
)
SELECT max(range_end) FROM as_new WHERE bytes >= total * %(share)s
