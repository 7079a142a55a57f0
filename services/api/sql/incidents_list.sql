-- Incidents as their latest revision has them, with when they were first proven; the latest first.
SELECT latest.id::text, latest.kind, latest.rule, latest.severity, latest.origin, latest.sources,
    latest.zone, latest.subject, latest.start_time, first.decided_at, latest.decided_at,
    latest.end_time, latest.revision, latest.model, latest.part_of::text,
    latest.unknown_since, latest.scenery, latest.explained_by::text, latest.via, latest.why
FROM incidents first
CROSS JOIN LATERAL (
    SELECT * FROM incidents i WHERE i.id = first.id ORDER BY i.revision DESC LIMIT 1
) latest
WHERE NOT EXISTS (SELECT FROM incidents e WHERE e.id = first.id AND e.revision < first.revision)
  AND (%(kinds)s::text[] IS NULL OR latest.kind = ANY(%(kinds)s))
  AND (%(sources)s::text[] IS NULL OR latest.sources && %(sources)s::text[])
  AND (%(origins)s::text[] IS NULL OR latest.origin = ANY(%(origins)s))
  AND (%(since)s::timestamptz IS NULL OR latest.decided_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR latest.start_time < %(until)s)
  AND (
    %(after_time)s::timestamptz IS NULL
    OR (first.decided_at, first.id) < (%(after_time)s, %(after_id)s::uuid)
  )
ORDER BY first.decided_at DESC, first.id DESC
LIMIT %(limit)s
