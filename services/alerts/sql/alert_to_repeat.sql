-- The latest alert of the same rule, source, zone and origin.
SELECT body::text
FROM alerts
WHERE rule = %(rule)s AND source = %(source)s AND zone = %(zone)s AND origin = %(origin)s
ORDER BY last_activity DESC, id
LIMIT 1
