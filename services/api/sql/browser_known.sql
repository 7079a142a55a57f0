-- Whether this is a browser in which this user has signed in.
SELECT EXISTS (
    SELECT FROM browsers
    WHERE token_hash = %(browser)s AND user_name = %(user_name)s
      AND used_at > now() - make_interval(secs => %(seconds)s::double precision)
)
