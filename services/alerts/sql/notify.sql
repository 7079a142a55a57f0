-- Wakes those who listen for changes, when the transaction commits.
SELECT pg_notify(%(channel)s, %(sequence)s::text)
