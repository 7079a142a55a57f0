-- Rows of a hypertable with these keys of source, metric and time, which lie in one chunk.
SELECT {of_rows}
FROM {table} r
JOIN unnest(%(source)s::text[], %(metric)s::text[], %(time)s::timestamptz[])
    AS k(source, metric, time)
    ON r.source = k.source AND r.metric = k.metric AND r.time = k.time
WHERE r.time >= %(first)s
  AND r.time < %(end)s
  AND {which}
