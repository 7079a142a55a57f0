-- Voids a key that is not revoked yet.
UPDATE source_keys SET revoked_by = %(revoked_by)s, revoked_at = now()
WHERE id = %(id)s AND revoked_at IS NULL
RETURNING id
