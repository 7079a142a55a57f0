-- From when to when the rows are that lie in chunks of a hypertable wholly before a time.
SELECT min(range_start), max(range_end)
FROM timescaledb_information.chunks
WHERE hypertable_schema = current_schema() AND hypertable_name = %(table)s
    AND range_end <= %(before)s::timestamptz
