-- What became of a try.
UPDATE deliveries
SET state = %(state)s, route = %(route)s, batch = %(batch)s, attempts = %(attempts)s,
    exercise = %(exercise)s, detail = %(detail)s,
    next_at = clock_timestamp() + make_interval(secs => %(wait)s), changed_at = clock_timestamp()
WHERE sequence = ANY(%(sequences)s)
