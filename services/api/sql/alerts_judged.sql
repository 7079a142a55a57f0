-- Alerts of which somebody has said what they were, the latest first; at most so many.
SELECT body::text
FROM alerts
WHERE disposition IS NOT NULL AND resolved_at IS NOT NULL
  AND resolved_at >= coalesce(%(since)s::timestamptz, '-infinity')
  AND resolved_at < coalesce(%(until)s::timestamptz, 'infinity')
  AND (%(area)s::text[] IS NULL OR ward = ANY(%(area)s))
ORDER BY resolved_at DESC, id
LIMIT %(limit)s
