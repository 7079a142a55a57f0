-- Appends a line.
INSERT INTO shift_log (area, kind, time, actor, command, body)
VALUES (%(area)s, %(kind)s, %(time)s, %(actor)s, %(command)s, %(body)s::jsonb)
