-- A page of alerts that match, the most urgent first, among these the latest.
SELECT id, body::text
FROM matching
WHERE (
  %(after_time)s::timestamptz IS NULL
  OR (-priority, latest_time, id)
  < (-%(after_rank)s::smallint, %(after_time)s, %(after_id)s)
)
ORDER BY -priority DESC, latest_time DESC, id DESC
LIMIT %(limit)s
