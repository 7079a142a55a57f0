-- Notes that a session is used.
UPDATE sessions SET used_at = now() WHERE id = %(id)s AND used_at < now() - interval '1 minute'
