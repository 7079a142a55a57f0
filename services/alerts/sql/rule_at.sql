-- A rule as it was configured at a time: what was last said of it until then.
SELECT change::text
FROM control_log
WHERE change ->> 0 = 'rule' AND change ->> 1 = %(id)s AND time <= %(time)s
ORDER BY sequence DESC
LIMIT 1
