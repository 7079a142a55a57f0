-- Which of these lines are there already.
SELECT id FROM audit_log WHERE id = ANY(%(ids)s)
