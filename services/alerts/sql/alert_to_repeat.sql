-- Of the alerts of the same rule, source, zone and origin the latest near whose time an incident began;
-- if there is none, the latest that a person made part of what is open by now, at any time; if there is
-- none, the latest. Joined ones are closed as duplicates: of no other is the body read for it.
SELECT body::text
FROM alerts
WHERE rule = %(rule)s AND source = %(source)s AND zone = %(zone)s AND origin = %(origin)s
ORDER BY event_time <= %(latest)s
    AND (last_activity >= %(earliest)s OR (
        (active OR state IN ('shelved', 'suppressed', 'out_of_service')) AND resolved_at IS NULL
    )) DESC,
    CASE WHEN event_time <= %(latest)s AND disposition = 'duplicate' AND body ->> 'joined' IS NOT NULL THEN EXISTS (
        WITH RECURSIVE whole AS (
            SELECT w.id, w.resolved_at, w.body FROM alerts w WHERE w.id = alerts.body ->> 'merged_into'
            UNION
            SELECT w.id, w.resolved_at, w.body
            FROM whole JOIN alerts w ON w.id = whole.body ->> 'merged_into'
            WHERE whole.body ->> 'joined' IS NOT NULL
        )
        SELECT FROM whole WHERE resolved_at IS NULL
    ) ELSE FALSE END DESC,
    last_activity DESC, id
LIMIT 1
