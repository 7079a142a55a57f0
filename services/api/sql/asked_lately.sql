-- When alerts began to ask lately, the latest first; at most so many.
SELECT asked_at, id
FROM alerts
WHERE asked_at >= %(since)s AND asked_at <= %(now)s
  AND (%(area)s::text[] IS NULL OR wards && %(area)s)
ORDER BY asked_at DESC, id DESC
LIMIT %(limit)s
