-- Incidents that began today against the same weekday last week, up to the same local time and all day.
-- Now is how far event time has come, so that a replay is asked about its own day.
WITH clock AS (
    SELECT max(newest) AT TIME ZONE 'Asia/Ho_Chi_Minh' AS local_now
    FROM positions
),
began AS (
    SELECT
        coalesce(kinds.id, incidents_latest.kind) AS kind,
        origin,
        start_time AT TIME ZONE 'Asia/Ho_Chi_Minh' AS local_start
    FROM incidents_latest
    LEFT JOIN kinds
        ON kinds.id = incidents_latest.kind OR incidents_latest.kind = ANY (kinds.formerly)
),
compared AS (
    SELECT
        kind,
        origin,
        local_start >= date_trunc('day', local_now) AND local_start <= local_now AS is_today,
        local_start >= date_trunc('day', local_now) - INTERVAL '7 days'
            AND local_start < date_trunc('day', local_now) - INTERVAL '6 days' AS is_last_week,
        local_start <= local_now - INTERVAL '7 days' AS is_by_now
    FROM began, clock
)
SELECT
    kind,
    origin,
    count(*) FILTER (WHERE is_today) AS today,
    count(*) FILTER (WHERE is_last_week AND is_by_now) AS last_week_by_now,
    count(*) FILTER (WHERE is_last_week) AS last_week_all_day
FROM compared
WHERE is_today OR is_last_week
GROUP BY kind, origin
ORDER BY kind, origin;
