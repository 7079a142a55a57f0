-- As rows_find, each by an index: the keys come first. Of rows that have just been stored the server knows
-- next to nothing, and went through all keys for each of them: half a minute for a batch.
SELECT found.*
FROM unnest(%(source)s::text[], %(metric)s::text[], %(time)s::timestamptz[])
    AS k(source, metric, time)
CROSS JOIN LATERAL (
    SELECT {of_rows}
    FROM {table} r
    WHERE r.source = k.source
      AND r.metric = k.metric
      AND r.time = k.time
      AND r.time >= %(first)s
      AND r.time < %(end)s
      AND {which}
    OFFSET 0  -- or the server joins them in whichever order it takes for cheap
) AS found
