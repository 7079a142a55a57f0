-- Stores imported values; a row for each that was not there so: whether it is new. What changes has no score any more.
INSERT INTO imported_readings AS i (source, metric, time, value, imported_by)
SELECT source, metric, time, value, %(user)s
FROM
    unnest(
        %(sources)s::text [], %(metrics)s::text [], %(times)s::timestamptz [],
        %(values)s::double precision []
    ) AS new (source, metric, time, value)
ORDER BY source, metric, time
ON CONFLICT (source, metric, time) DO UPDATE
SET value = excluded.value, score = NULL, imported_by = excluded.imported_by, imported_at = now()
WHERE i.value <> excluded.value
RETURNING xmax = 0
