-- In whose name a token acts, while it is valid.
SELECT u.name, u.role, s.expires_at
FROM sessions s
JOIN users u ON u.name = s.user_name
WHERE s.token_hash = %(token_hash)s AND (s.expires_at IS NULL OR s.expires_at > now())
