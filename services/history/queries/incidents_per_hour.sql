-- How many incidents began in each hour, by kind; hours and days as Hải Phòng counts them.
SELECT
    date_trunc('hour', start_time AT TIME ZONE 'Asia/Ho_Chi_Minh') AS local_hour,
    coalesce(kinds.id, incidents_latest.kind) AS kind,
    origin,
    count(*) AS incidents
FROM incidents_latest
LEFT JOIN kinds
    ON kinds.id = incidents_latest.kind OR incidents_latest.kind = ANY (kinds.formerly)
GROUP BY local_hour, coalesce(kinds.id, incidents_latest.kind), origin
ORDER BY local_hour, kind, origin;
