-- Recent failed sign-ins under this name, from this address or in this browser: whose, and seconds ago.
SELECT user_name = %(user_name)s, address = %(address)s,
    coalesce(browser = %(browser)s AND user_name = %(user_name)s, FALSE),
    extract(epoch FROM now() - failed_at)::double precision
FROM sign_in_failures
WHERE (user_name = %(user_name)s OR address = %(address)s)
  AND failed_at > now() - make_interval(secs => %(window)s::double precision)
