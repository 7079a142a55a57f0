-- The ids that start so; two are enough to know that the beginning is ambiguous.
SELECT id FROM alerts WHERE id LIKE %(prefix)s || '%%' ORDER BY id LIMIT 2
