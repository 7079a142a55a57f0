-- Appends one transition; gives its place in the order of commit.
INSERT INTO alert_transitions (
    alert, version, kind, time, actor, command, stalled_since, incident, revision, form, body
)
VALUES (
    %(alert)s, %(version)s, %(kind)s, %(time)s, %(actor)s, %(command)s,
    %(stalled_since)s, %(incident)s, %(revision)s, %(form)s, %(body)s::jsonb
)
RETURNING sequence
