-- For how many minutes of each hour of the last day a camera's good pictures came too far apart to be judged by, and why.
-- Of missing pictures the accounts of that hour say what became of them.
WITH clock AS (
    SELECT max(newest) AS now
    FROM positions
),
spans AS (
    SELECT
        sight.camera,
        sight.apart,
        sight.reason,
        greatest(sight.time, clock.now - INTERVAL '1 day') AS begins,
        least(
            coalesce(
                lead(sight.time) OVER (PARTITION BY sight.camera ORDER BY sight.told, sight.time),
                clock.now
            ),
            clock.now
        ) AS ends
    FROM sight, clock
    WHERE sight.told > clock.now - INTERVAL '26 hours' AND sight.told <= clock.now
),
by_hour AS (
    SELECT
        hours.hour,
        spans.camera,
        spans.apart,
        spans.reason,
        least(spans.ends, hours.hour + INTERVAL '1 hour') - greatest(spans.begins, hours.hour) AS lasted
    FROM spans
    CROSS JOIN LATERAL generate_series(
        date_trunc('hour', spans.begins), spans.ends, INTERVAL '1 hour'
    ) AS hours (hour)
    WHERE spans.begins < spans.ends AND hours.hour < spans.ends
)
SELECT
    by_hour.hour,
    by_hour.camera,
    assets.name_vi AS camera_vi,
    assets.name_en AS camera_en,
    by_hour.reason,
    round((extract(epoch FROM sum(by_hour.lasted)) / 60)::numeric, 1) AS over_a_second,
    coalesce(round((extract(epoch FROM sum(by_hour.lasted) FILTER (
        WHERE by_hour.apart IS NULL OR by_hour.apart > INTERVAL '6.25 seconds'
    )) / 60)::numeric, 1), 0) AS over_five_seconds,
    accounts_by_hour.reasons AS accounts
FROM by_hour
LEFT JOIN assets ON assets.id = by_hour.camera
LEFT JOIN accounts_by_hour
    ON accounts_by_hour.hour = by_hour.hour AND accounts_by_hour.source = by_hour.camera
WHERE by_hour.reason NOT IN ('', 'removed')
  AND (by_hour.apart IS NULL OR by_hour.apart > INTERVAL '1.25 seconds')
GROUP BY
    by_hour.hour, by_hour.camera, assets.name_vi, assets.name_en, by_hour.reason,
    accounts_by_hour.reasons
ORDER BY by_hour.hour DESC, by_hour.camera, by_hour.reason;
