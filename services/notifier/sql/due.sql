-- What may be tried now, oldest first, with what it says.
SELECT d.sequence, d.state, d.route, d.recipient, d.channel, d.batch, d.attempts, m.address, m.body::text
FROM deliveries d
JOIN messages m USING (sequence)
WHERE d.state IN ('waiting', 'sending') AND d.next_at <= clock_timestamp()
ORDER BY d.sequence
LIMIT %(most)s
