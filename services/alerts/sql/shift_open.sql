-- What is open or put aside in a ward, or anywhere; the most urgent first.
SELECT body::text
FROM alerts
WHERE resolved_at IS NULL AND state <> 'normal' AND explained_by IS NULL
  AND (%(area)s::text IS NULL OR ward = %(area)s)
ORDER BY priority, latest_time DESC, id
LIMIT %(limit)s
