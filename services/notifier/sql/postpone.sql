-- It waits, as its recipient has been told enough for now.
UPDATE deliveries
SET next_at = now() + make_interval(secs => %(wait)s), detail = %(detail)s
WHERE sequence = ANY(%(sequences)s)
