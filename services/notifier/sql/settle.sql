-- What became of a try.
UPDATE deliveries
SET state = %(state)s, route = %(route)s, batch = %(batch)s, attempts = %(attempts)s,
    exercise = %(exercise)s, detail = %(detail)s,
    next_at = now() + make_interval(secs => %(wait)s), changed_at = now()
WHERE sequence = ANY(%(sequences)s)
