-- The last periods of each indicator and origin, the latest first; each as it was computed last.
SELECT i.id, o.id, found.*
FROM unnest(%(indicators)s::text[]) AS i (id)
CROSS JOIN unnest(%(origins)s::text[]) AS o (id)
CROSS JOIN LATERAL (
    SELECT DISTINCT ON (n.time)
        n.time, n.end_time, n.computed_at, n.state, n.revision,
        n.numerator, n.denominator, n.readings, n.unplaced, n.value, n.low, n.high
    FROM indicators AS n
    WHERE n.indicator = i.id AND n.origin = o.id
      AND (%(before)s::timestamptz IS NULL OR n.time <= %(before)s)
    ORDER BY n.time DESC, n.computed_at DESC
    LIMIT %(limit)s
) AS found
ORDER BY i.id, o.id, found.time DESC
