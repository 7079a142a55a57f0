-- What a source measured between two times, in stretches of so many seconds.
SELECT metric, floor(extract(epoch FROM time) / %(step)s)::int8, min(value), avg(value), max(value)
FROM readings
WHERE source = %(source)s AND time >= %(since)s AND time < %(until)s AND value IS NOT NULL
GROUP BY 1, 2
ORDER BY 1, 2
