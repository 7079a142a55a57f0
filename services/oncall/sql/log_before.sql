-- What was recorded before a time, oldest first.
SELECT sequence, body::text FROM oncall_log WHERE recorded_at < %(before)s ORDER BY sequence
