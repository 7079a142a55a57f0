-- How many open alerts flap, and how many have been there for longer than a day.
SELECT
    (
        SELECT count(*) FROM alerts
        WHERE resolved_at IS NULL AND flapping_since IS NOT NULL
          AND latest_time >= %(flapping_after)s
          AND (%(area)s::text[] IS NULL OR wards && %(area)s)
    ),
    (
        SELECT count(*) FROM alerts
        WHERE resolved_at IS NULL AND active
          AND coalesce(active_since, latest_time) < %(stale_before)s
          AND (%(area)s::text[] IS NULL OR wards && %(area)s)
    )
