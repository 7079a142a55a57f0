-- A device's channel, whether it has ended, and whether it was tried out just now; else it is now.
WITH found AS (
    SELECT
        id, channel, ended_at IS NOT NULL AS ended,
        coalesce(tested_at > now() - make_interval(secs => %(seconds)s::double precision), FALSE) AS early
    FROM push_devices
    WHERE id = %(id)s AND user_name = %(user)s
    FOR UPDATE
), begun AS (
    UPDATE push_devices SET tested_at = now()
    WHERE id IN (SELECT id FROM found WHERE NOT ended AND NOT early)
)
SELECT channel, ended, early FROM found
