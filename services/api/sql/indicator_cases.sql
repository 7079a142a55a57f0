-- What became of cases, or happened, by hour, by source or by kind of procedure, of the sources that who asks may see.
SELECT
    CASE WHEN %(by)s = 'hour' THEN h.time END AS time,
    CASE WHEN %(by)s = 'source' THEN h.source END AS source,
    CASE WHEN %(by)s = 'procedure' THEN h.procedure END AS procedure,
    sum(h.begun)::int8,
    sum(h.forwarded)::int8,
    sum(h.ended)::int8,
    sum(h.in_time)::int8,
    sum(h.amount)::int8
FROM case_hours AS h
INNER JOIN assets AS a ON a.id = h.source
WHERE a.type = ANY(%(types)s)
  AND h.origin = %(origin)s
  AND h.time >= %(since)s
  AND h.time < %(until)s
  AND (%(sources)s::text[] IS NULL OR h.source = ANY(%(sources)s))
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
