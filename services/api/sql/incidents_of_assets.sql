-- The incidents of some assets that lasted at some time between two, as their latest revision has them.
SELECT id::text, kind, sources, start_time, end_time, explained_by::text
FROM incidents_latest
WHERE sources[1] = ANY(%(sources)s) AND origin = %(origin)s
  AND start_time <= %(until)s AND (end_time IS NULL OR end_time >= %(since)s)
ORDER BY start_time, id
LIMIT 1000
