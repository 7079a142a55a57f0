-- How many are open or put aside, by state.
SELECT state, count(*)
FROM alerts
WHERE resolved_at IS NULL AND state <> 'normal' AND explained_by IS NULL
  AND (%(area)s::text IS NULL OR ward = %(area)s)
GROUP BY state
ORDER BY state
