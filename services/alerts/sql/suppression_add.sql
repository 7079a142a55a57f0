-- Appends one line of a suppression.
INSERT INTO suppression_transitions (
    suppression, version, kind, time, actor, command, form, body
)
VALUES (
    %(suppression)s, %(version)s, %(kind)s, %(time)s, %(actor)s, %(command)s, %(form)s,
    %(body)s::jsonb
)
