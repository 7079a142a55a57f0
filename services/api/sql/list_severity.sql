-- A page of alerts that match, the most severe first, among these the latest.
SELECT id, body::text
FROM matching
WHERE (
  %(after_time)s::timestamptz IS NULL
  OR (severity_rank, latest_time, id)
  < (%(after_rank)s::smallint, %(after_time)s, %(after_id)s)
)
ORDER BY severity_rank DESC, latest_time DESC, id DESC
LIMIT %(limit)s
