-- How long incidents lasted, by kind and by the local day of their start: median and 95th percentile.
SELECT
    (start_time AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS local_day,
    coalesce(kinds.id, incidents_latest.kind) AS kind,
    origin,
    count(lasted) AS ended,
    count(*) - count(lasted) AS still_lasting,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY lasted) AS median,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY lasted) AS p95
FROM incidents_latest
LEFT JOIN kinds
    ON kinds.id = incidents_latest.kind OR incidents_latest.kind = ANY (kinds.formerly)
GROUP BY local_day, coalesce(kinds.id, incidents_latest.kind), origin
ORDER BY local_day, kind, origin;
