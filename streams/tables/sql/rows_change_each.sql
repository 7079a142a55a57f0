-- As rows_change, each row found by an index, as in rows_find_each. A row's place names it within a chunk.
UPDATE {table} r
SET ({others}) = ROW ({new})
FROM (
    SELECT named.*, found.place
    FROM unnest({arrays}) AS named({columns})
    CROSS JOIN LATERAL (
        SELECT r.ctid AS place
        FROM {table} r
        WHERE r.source = named.source
          AND r.metric = named.metric
          AND r.time = named.time
          AND r.time >= %(first)s
          AND r.time < %(end)s
          AND {which}
        OFFSET 0
    ) AS found
) AS k
WHERE r.ctid = k.place
  AND r.time >= %(first)s
  AND r.time < %(end)s
