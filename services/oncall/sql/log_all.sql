-- All of that, in order.
SELECT body::text FROM oncall_log ORDER BY sequence
