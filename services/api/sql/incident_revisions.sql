-- Every revision of the incidents whose ids lie between two, as far as it says whether one is a consequence.
SELECT id::text, revision, decided_at, kind, origin, sources, start_time, end_time,
    explained_by::text, via, why, latitude, longitude, segment,
    ARRAY(SELECT one ->> 'metric' FROM jsonb_array_elements(evidence) AS one)
FROM incidents
WHERE id BETWEEN %(first)s::uuid AND %(last)s::uuid
ORDER BY id, revision
LIMIT 1000
