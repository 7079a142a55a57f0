-- What a source has measured, day by day, as files say (cityops import) and as it came: put its id in the place of t1.
SELECT
    time_bucket(INTERVAL '1 day', time) AS day,
    metric,
    min(value) AS least,
    avg(value) AS mean,
    max(value) AS most,
    count(*) AS readings
FROM (
    SELECT time, source, metric, value FROM readings
    UNION ALL
    SELECT time, source, metric, value FROM imported_readings
) AS everything
WHERE source = 't1'
GROUP BY day, metric
ORDER BY day, metric;
