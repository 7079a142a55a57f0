-- Forgets tokens that are void.
DELETE FROM sessions WHERE expires_at < now()
