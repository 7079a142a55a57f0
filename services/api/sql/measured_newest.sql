-- The newest value of each source and metric since a time, as [seconds since 1970, value]: arrays are compared from their first element on, and no row is sorted.
SELECT source, metric, max(ARRAY[extract(epoch FROM time)::float8, value])
FROM readings
WHERE time >= %(since)s AND value IS NOT NULL
GROUP BY source, metric
