-- The alerts that are, or were until they ended, consequences of an alert; the longest first.
SELECT body::text
FROM alerts
WHERE explained_by IN (
    SELECT incident FROM alert_transitions
    WHERE alert = %(alert)s AND kind IN ('raised', 'repeated')
  )
  AND (%(area)s::text[] IS NULL OR wards && %(area)s)
ORDER BY latest_time, id
LIMIT 1000
