-- Somebody to whom an alert can be assigned, as their name is spelt.
SELECT name FROM users WHERE lower(name) = lower(%(name)s) AND person AND disabled_at IS NULL
