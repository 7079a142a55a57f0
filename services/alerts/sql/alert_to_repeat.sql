-- Of the alerts of the same rule, source, zone and origin the latest near whose time an incident began;
-- if there is none, the latest.
SELECT body::text
FROM alerts
WHERE rule = %(rule)s AND source = %(source)s AND zone = %(zone)s AND origin = %(origin)s
ORDER BY event_time <= %(latest)s
    AND (last_activity >= %(earliest)s OR (
        (active OR state IN ('shelved', 'suppressed', 'out_of_service')) AND resolved_at IS NULL
    )) DESC,
    last_activity DESC, id
LIMIT 1
