-- A token that acts in a user's name, for so many seconds or (null) for good.
INSERT INTO sessions (token_hash, user_name, purpose, label, scopes, wards, address, second_factor, expires_at)
VALUES (
    %(token_hash)s, %(user_name)s, %(purpose)s, %(label)s, %(scopes)s, %(wards)s, %(address)s, %(second_factor)s,
    now() + make_interval(secs => %(seconds)s::double precision)
)
ON CONFLICT DO NOTHING
RETURNING id
