-- Uses a sign-in up; nothing where it has been used.
INSERT INTO used_states (state_hash, until)
VALUES (%(state_hash)s, now() + make_interval(secs => %(seconds)s::double precision))
ON CONFLICT DO NOTHING
RETURNING state_hash
