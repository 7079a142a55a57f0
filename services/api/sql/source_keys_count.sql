-- How many keys are valid.
SELECT count(*) FROM source_keys WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
