-- What is new in the outbox waits to be sent. Sequences are in order of commit.
INSERT INTO deliveries (sequence, state)
SELECT m.sequence, 'waiting'
FROM messages m
WHERE m.sequence > (SELECT coalesce(max(d.sequence), 0) FROM deliveries d)
ORDER BY m.sequence
