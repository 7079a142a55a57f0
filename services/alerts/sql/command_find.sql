-- What a request has already done, so that one sent twice is done once.
SELECT alert, version, time, actor, command, stalled_since, form,
    body::text
FROM alert_transitions
WHERE actor = %(actor)s AND command = %(command)s AND command <> ''
ORDER BY sequence
