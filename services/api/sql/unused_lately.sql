-- What the values of the last minutes have come to, by source and reason; of each source the most first.
SELECT source, fate, reason, sum(number)::bigint AS number
FROM accounts
WHERE counted > (SELECT max(newest) FROM positions) - INTERVAL '6 minutes'
  AND time > (SELECT max(newest) FROM positions) - INTERVAL '2 hours'
GROUP BY source, fate, reason
HAVING sum(number) > 0
ORDER BY source, number DESC, fate, reason
