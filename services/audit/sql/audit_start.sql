-- The oldest line that is kept.
SELECT sequence, previous FROM audit_log ORDER BY sequence LIMIT 1
