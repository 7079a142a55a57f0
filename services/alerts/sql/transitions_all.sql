-- Every transition, alert by alert, for computing the projection again.
SELECT sequence, recorded_at, alert, version, time, actor, command, stalled_since, form,
    body::text
FROM alert_transitions
ORDER BY alert, version
