-- The ids that start so; two are enough to know that the beginning is ambiguous.
SELECT id
FROM alerts
WHERE id LIKE %(prefix)s || '%%' AND (%(area)s::text[] IS NULL OR wards && %(area)s)
ORDER BY id LIMIT 2
