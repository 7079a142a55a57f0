-- What the newest line about a cut says: which log it was.
SELECT subject FROM audit_log WHERE action = 'audit:cut' ORDER BY sequence DESC LIMIT 1
