-- The oldest line, and the last of those before a time that no newer one stands among, with its hash.
SELECT
    (SELECT min(sequence) FROM audit_log),
    sequence,
    hash
FROM audit_log
WHERE sequence < coalesce(
    (SELECT min(sequence) FROM audit_log WHERE last >= %(before)s), 9223372036854775807
)
ORDER BY sequence DESC
LIMIT 1
