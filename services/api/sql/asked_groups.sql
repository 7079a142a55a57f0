-- How many alerts of which kind and ward began to ask since then, and how severe the worst is.
SELECT
    kind,
    CASE WHEN %(area)s::text[] IS NULL OR ward = ANY(%(area)s) THEN ward ELSE '' END,
    count(*),
    max(severity_rank)
FROM alerts
WHERE asked_at >= %(since)s AND asked_at <= %(now)s
  AND (%(area)s::text[] IS NULL OR wards && %(area)s)
GROUP BY 1, 2
