-- How many incidents began in each hour, by kind; hours and days as Hải Phòng counts them.
SELECT
    date_trunc('hour', start_time AT TIME ZONE 'Asia/Ho_Chi_Minh') AS local_hour,
    kind,
    origin,
    count(*) AS incidents
FROM incidents_latest
GROUP BY local_hour, kind, origin
ORDER BY local_hour, kind, origin;
