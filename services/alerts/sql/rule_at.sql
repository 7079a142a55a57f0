-- A rule as it was configured at a time: what was last said of it until then. Readings that are older
-- than their rule may prove something all the same: then what was first said of it.
SELECT change::text
FROM control_log
WHERE change ->> 0 = 'rule' AND change ->> 1 = %(id)s
ORDER BY time <= %(time)s DESC, CASE WHEN time <= %(time)s THEN -sequence ELSE sequence END
LIMIT 1
