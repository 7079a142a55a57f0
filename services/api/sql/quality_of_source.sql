-- What a source delivered in each hour.
SELECT source, feed, origin, time, expected, arrived, refused, unclean, late
FROM source_hours
WHERE source = %(source)s AND time >= %(since)s
ORDER BY time
