-- Every line after a place, in order.
SELECT
    sequence, form, previous, hash, time, last, times, actor, role, means, label, address, action, subject, outcome,
    reason, why, detail, id
FROM audit_log
WHERE sequence > %(after)s
ORDER BY sequence
