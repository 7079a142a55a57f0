-- What may tell of the same event: incidents of some kinds that lasted at some time between two, as their latest revision
-- has them, the nearest to a place first, and those that it is joined to before all of them.
SELECT id::text, kind, sources, start_time, end_time, explained_by::text, latitude, longitude,
    coalesce(segment, ''),
    ARRAY(SELECT one ->> 'metric' FROM jsonb_array_elements(evidence) AS one)
FROM incidents_latest
WHERE kind = ANY(%(kinds)s) AND origin = %(origin)s AND id <> %(id)s::uuid
  AND start_time <= %(until)s AND (end_time IS NULL OR end_time >= %(since)s)
  AND latitude IS NOT NULL AND longitude IS NOT NULL
ORDER BY
    coalesce(id = %(leads)s::uuid OR explained_by IN (%(leads)s::uuid, %(id)s::uuid), false) DESC,
    (latitude - %(latitude)s::float8) ^ 2 + (longitude - %(longitude)s::float8) ^ 2,
    id
LIMIT 40
