-- The transitions of one alert, oldest first, up to a version.
SELECT sequence, recorded_at, alert, version, time, actor, command, stalled_since, form,
    body::text
FROM alert_transitions
WHERE alert = %(alert)s AND version <= %(until)s
ORDER BY version
