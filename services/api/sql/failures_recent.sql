-- Recent failed sign-ins under this name or from this address: whose they are and how long ago, in seconds.
SELECT user_name = %(user_name)s, address = %(address)s,
    extract(epoch FROM now() - failed_at)::double precision
FROM sign_in_failures
WHERE (user_name = %(user_name)s OR address = %(address)s)
  AND failed_at > now() - make_interval(secs => %(window)s::double precision)
