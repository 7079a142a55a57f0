-- Rows of a hypertable come to say something else; they lie in one chunk.
UPDATE {table} r
SET ({others}) = ROW ({new})
FROM unnest({arrays}) AS k({columns})
WHERE r.source = k.source
  AND r.metric = k.metric
  AND r.time = k.time
  AND r.time >= %(first)s
  AND r.time < %(end)s
  AND {which}
