-- Forgets browsers: this user's, where one is named, and those that nobody has used for long.
DELETE FROM browsers
WHERE user_name = %(user_name)s OR used_at <= now() - make_interval(secs => %(seconds)s::double precision)
