-- The transitions of several alerts, oldest first, alert by alert.
SELECT sequence, recorded_at, alert, version, time, actor, command, stalled_since, form,
    body::text
FROM alert_transitions
WHERE alert = ANY(%(alerts)s)
ORDER BY alert, version
