-- All that happened to alerts to which something happened in a period, or that are open.
SELECT sequence, recorded_at, alert, version, time, actor, command, stalled_since, form,
    body::text
FROM alert_transitions
WHERE alert IN (
    SELECT t.alert FROM alert_transitions AS t
    WHERE t.time >= %(since)s AND t.time < %(until)s
    UNION
    SELECT a.id FROM alerts AS a
    WHERE a.active AND a.resolved_at IS NULL AND a.active_since < %(until)s
)
ORDER BY alert, version
