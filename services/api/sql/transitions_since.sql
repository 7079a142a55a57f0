-- The transitions after one in the order of commit, each with its alert as it is now.
SELECT t.sequence, t.recorded_at, t.alert, t.version, t.time, t.actor, t.command, t.stalled_since,
    t.form, t.body::text, a.body::text
FROM alert_transitions t
JOIN alerts a ON a.id = t.alert
WHERE t.sequence > %(after)s
ORDER BY t.sequence
LIMIT %(limit)s
