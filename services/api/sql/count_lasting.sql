-- How many open alerts flap, and how many have been there for longer than a day.
SELECT
    count(*) FILTER (WHERE flapping_since IS NOT NULL AND latest_time >= %(flapping_after)s),
    count(*) FILTER (WHERE active AND coalesce(active_since, latest_time) < %(stale_before)s)
FROM alerts
WHERE resolved_at IS NULL
  AND (flapping_since IS NOT NULL OR active)
  AND (%(area)s::text[] IS NULL OR wards && %(area)s)
