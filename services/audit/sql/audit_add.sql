-- Appends a line; whoever does holds the lock.
INSERT INTO audit_log (
    sequence, form, time, last, times, actor, role, means, label, address, action, subject, outcome, reason, why,
    detail, id, previous, hash
)
VALUES (
    %(sequence)s, %(form)s, %(time)s, %(last)s, %(times)s, %(actor)s, %(role)s, %(means)s, %(label)s, %(address)s,
    %(action)s, %(subject)s, %(outcome)s, %(reason)s, %(why)s, %(detail)s, %(id)s, %(previous)s, %(hash)s
)
