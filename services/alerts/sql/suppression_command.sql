-- Of which suppression a request has already said something, and what.
SELECT suppression, kind
FROM suppression_transitions
WHERE actor = %(actor)s AND command = %(command)s
ORDER BY sequence
