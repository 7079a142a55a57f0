-- Something happened by which it is decided who is told of what.
INSERT INTO oncall_log (body) VALUES (%(body)s::jsonb)
