-- Another password, unless it is not the one any more that was looked at.
UPDATE users
SET password_hash = %(password_hash)s, must_change = %(must_change)s, one_time = %(one_time)s,
    password_until = now() + make_interval(secs => %(seconds)s::double precision)
WHERE name = %(name)s AND (%(before)s::text IS NULL OR password_hash = %(before)s)
RETURNING name
