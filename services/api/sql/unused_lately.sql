-- What the values of the last minutes have come to, by source and reason; of each source the most first.
-- Stages say so once in five minutes, whoever sheds within ten seconds: half a minute later that is over.
SELECT source, fate, reason, sum(number)::bigint AS number
FROM accounts
WHERE counted > (SELECT max(newest) FROM positions) - INTERVAL '6 minutes'
  AND (fate <> 'shed' OR counted > (SELECT max(newest) FROM positions) - INTERVAL '30 seconds')
  AND time > (SELECT max(newest) FROM positions) - INTERVAL '2 hours'
GROUP BY source, fate, reason
HAVING sum(number) > 0
ORDER BY source, number DESC, fate, reason
