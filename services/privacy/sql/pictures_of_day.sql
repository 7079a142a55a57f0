-- A camera's frames of a day.
SELECT taken, sha256, original, masked
FROM pictures
WHERE source = %(source)s AND taken >= %(first)s AND taken < %(last)s
ORDER BY taken, sha256
