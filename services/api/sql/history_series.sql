-- The next imported values of a series.
SELECT time, value FROM imported_readings
WHERE source = %(source)s AND metric = %(metric)s AND time > %(after)s
ORDER BY time
LIMIT %(most)s
