-- A new user; nothing where the name is taken, in whatever case, or the provider means another one by it.
INSERT INTO users (name, role, password_hash, person, must_change, one_time, password_until, issuer, subject)
VALUES (
    %(name)s, %(role)s, %(password_hash)s, %(person)s, %(must_change)s, %(one_time)s,
    now() + make_interval(secs => %(seconds)s::double precision), %(issuer)s, %(subject)s
)
ON CONFLICT DO NOTHING
RETURNING name
