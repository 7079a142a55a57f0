-- What was recorded before a time, oldest first: also what stands before such a line with a later
-- time, as the clock was ahead when it was written down.
SELECT sequence, body::text
FROM oncall_log
WHERE sequence <= (SELECT max(sequence) FROM oncall_log WHERE recorded_at < %(before)s)
ORDER BY sequence
