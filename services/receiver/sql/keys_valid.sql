-- Every key that is neither revoked nor expired.
SELECT id, token_hash, label, sources, gateways, rate, daily, expires_at
FROM source_keys
WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
