-- Frames that nobody has masked yet, those first that were stored first.
SELECT source, taken, sha256, origin, seen::text, original
FROM pictures
WHERE masked IS NULL AND original IS NOT NULL AND origin = ANY(%(origins)s)
ORDER BY stored_at
LIMIT %(limit)s
