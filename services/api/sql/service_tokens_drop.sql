-- Voids tokens of programs that are not the current one.
DELETE FROM sessions WHERE purpose = 'service' AND token_hash <> %(token_hash)s
