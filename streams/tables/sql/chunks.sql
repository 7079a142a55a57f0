-- The chunks of a hypertable that overlap a span of time, and whether the server has compressed them.
SELECT range_start, range_end, is_compressed
FROM timescaledb_information.chunks
WHERE hypertable_schema = current_schema()
  AND hypertable_name = %(table)s
  AND range_start <= %(last)s
  AND range_end > %(first)s
ORDER BY range_start
