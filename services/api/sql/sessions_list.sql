-- Somebody's sessions and tokens that are valid, the one used last first.
SELECT s.id, s.user_name, s.purpose, s.label, s.scopes, s.wards, s.address, s.created_at, s.used_at, s.expires_at
FROM sessions s
JOIN users u ON u.name = s.user_name AND u.disabled_at IS NULL
WHERE (%(user_name)s::text IS NULL OR s.user_name = %(user_name)s)
  AND s.purpose = ANY(%(purposes)s)
  AND (s.expires_at IS NULL OR s.expires_at > now())
  AND (
      s.purpose <> 'console' OR %(idle_seconds)s::double precision = 0
      OR s.used_at > now() - make_interval(secs => %(idle_seconds)s::double precision)
  )
ORDER BY s.used_at DESC, s.id
