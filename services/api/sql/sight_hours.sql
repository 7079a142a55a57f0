-- For how long each camera's pictures were so far apart, by hour and why, where some rule may mind.
WITH clock AS (
    SELECT least(max(newest), coalesce(%(until)s, 'infinity'::timestamptz)) AS until
    FROM positions
),
spans AS (
    SELECT
        sight.camera,
        sight.apart,
        sight.reason,
        greatest(sight.time, %(since)s::timestamptz) AS begins,
        least(
            coalesce(lead(sight.time) OVER (
                PARTITION BY sight.camera ORDER BY sight.told, sight.time
            ), clock.until),
            clock.until
        ) AS ends
    FROM sight, clock
    WHERE sight.told > %(since)s::timestamptz - INTERVAL '2 hours'
      AND sight.told <= clock.until
      AND (%(sources)s::text[] IS NULL OR sight.camera = ANY(%(sources)s))
)
SELECT
    hours.hour,
    spans.camera,
    spans.apart,
    spans.reason,
    sum(extract(epoch FROM
        least(spans.ends, hours.hour + INTERVAL '1 hour') - greatest(spans.begins, hours.hour)
    ))::float8 AS seconds
FROM spans
CROSS JOIN LATERAL generate_series(
    date_trunc('hour', spans.begins), spans.ends, INTERVAL '1 hour'
) AS hours (hour)
WHERE spans.reason NOT IN ('', 'removed')
  AND spans.begins < spans.ends
  AND hours.hour < spans.ends
GROUP BY hours.hour, spans.camera, spans.apart, spans.reason
ORDER BY hours.hour DESC, spans.camera, spans.reason
