-- What became of every value, by hour and source; the latest hour first.
SELECT hour, source, came, accepted, late, corrected, repeated, refused, shed, not_judged, reasons
FROM accounts_by_hour
WHERE (%(sources)s::text[] IS NULL OR source = ANY(%(sources)s))
  AND (%(since)s::timestamptz IS NULL OR hour >= date_trunc('hour', %(since)s::timestamptz))
  AND (%(until)s::timestamptz IS NULL OR hour < %(until)s)
  AND (
    %(hour)s::timestamptz IS NULL
    OR hour < %(hour)s
    OR (hour = %(hour)s AND source > %(source)s)
  )
ORDER BY hour DESC, source
LIMIT %(limit)s
