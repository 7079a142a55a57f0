-- A page of alerts that match, the latest occurrence first.
SELECT id, body::text
FROM matching
WHERE (%(after_time)s::timestamptz IS NULL OR (latest_time, id) < (%(after_time)s, %(after_id)s))
ORDER BY latest_time DESC, id DESC
LIMIT %(limit)s
