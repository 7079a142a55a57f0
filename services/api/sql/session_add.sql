-- A token that acts in a user's name, for so many seconds or (null) for good.
INSERT INTO sessions (token_hash, user_name, purpose, expires_at)
VALUES (
    %(token_hash)s, %(user_name)s, %(purpose)s,
    now() + make_interval(secs => %(seconds)s::double precision)
)
ON CONFLICT DO NOTHING
