-- Forgets tokens that are void, and sessions that nobody has used for too long.
DELETE FROM sessions
WHERE expires_at < now()
   OR (
      purpose = 'console' AND %(idle_seconds)s::double precision > 0
      AND used_at < now() - make_interval(secs => %(idle_seconds)s::double precision)
   )
