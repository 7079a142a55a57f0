-- In whose name tokens act, of those that are valid.
SELECT
    s.token_hash, u.name, u.role, r.permissions, s.expires_at, s.id, s.purpose, s.scopes, a.wards, s.wards,
    u.must_change,
    s.purpose <> 'service' AND s.used_at < now() - interval '1 minute',
    s.label, u.issuer <> '',
    s.purpose = 'console' AND NOT s.second_factor
        AND EXISTS (SELECT FROM required_factors f WHERE f.role = u.role)
        AND NOT EXISTS (SELECT FROM second_factors f WHERE f.user_name = u.name AND f.confirmed)
FROM sessions s
JOIN users u ON u.name = s.user_name
LEFT JOIN roles r ON r.name = u.role
JOIN user_areas a ON a.user_name = u.name
WHERE s.token_hash = ANY(%(token_hashes)s)
  AND (s.expires_at IS NULL OR s.expires_at > now())
  AND u.disabled_at IS NULL
  AND (
      s.purpose <> 'console' OR %(idle_seconds)s::double precision = 0
      OR s.used_at > now() - make_interval(secs => %(idle_seconds)s::double precision)
  )
