-- Removes the oldest lines, up to this one, as their owner; says how many.
SELECT cut_audit_log(%(sequence)s)
