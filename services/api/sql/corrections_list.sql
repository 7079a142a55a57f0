-- Values that another one has replaced; those decided last first, and of one tick in the order of their names.
SELECT decided_at, source, metric, time, old, new, origin, gateway
FROM corrections
WHERE (%(sources)s::text[] IS NULL OR source = ANY(%(sources)s))
  AND (%(metrics)s::text[] IS NULL OR metric = ANY(%(metrics)s))
  AND (%(origins)s::text[] IS NULL OR origin = ANY(%(origins)s))
  AND (%(since)s::timestamptz IS NULL OR decided_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR decided_at < %(until)s)
  AND (%(decided_at)s::timestamptz IS NULL OR decided_at <= %(decided_at)s)
  AND (
    %(decided_at)s::timestamptz IS NULL
    OR decided_at < %(decided_at)s
    OR (source, metric, time, coalesce(old, 'NaN'), new)
        > (%(source)s, %(metric)s, %(time)s, coalesce(%(old)s::float8, 'NaN'), %(new)s)
  )
ORDER BY decided_at DESC, source, metric, time, coalesce(old, 'NaN'), new
LIMIT %(limit)s
