-- What may be tried now, with what it says: what is on its way first, then the oldest. What went
-- together stays together, or its receiver would take the rest for what it has already.
SELECT d.sequence, d.state, d.route, d.recipient, d.channel, d.batch, d.attempts, m.address, m.body::text
FROM deliveries d
JOIN messages m USING (sequence)
WHERE d.state IN ('waiting', 'sending') AND d.next_at <= now()
ORDER BY d.state = 'waiting', min(d.sequence) OVER (
    PARTITION BY CASE d.state WHEN 'sending' THEN d.batch ELSE d.sequence::text END
)
FETCH FIRST (%(most)s::bigint) ROWS WITH TIES
