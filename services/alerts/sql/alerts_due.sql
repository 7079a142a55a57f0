-- Alerts to which something was to happen by event time until now, the earliest first.
SELECT body::text
FROM alerts
WHERE due <= %(now)s
ORDER BY due, id
LIMIT %(limit)s
