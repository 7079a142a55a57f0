-- The last that was said of one period of an indicator, in order: a year is said of every five minutes.
SELECT * FROM (
    SELECT time, end_time, computed_at, state, revision, numerator, denominator, readings, unplaced, value, low, high
    FROM indicators
    WHERE indicator = %(indicator)s AND origin = %(origin)s AND time = %(time)s
    ORDER BY computed_at DESC, revision DESC
    LIMIT 1000
) AS newest
ORDER BY computed_at, revision
