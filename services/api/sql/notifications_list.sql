-- Messages and what became of them, the newest first.
SELECT
    m.sequence, m.body::text, d.state, d.recipient, d.channel, d.exercise, d.attempts, d.detail,
    d.changed_at
FROM messages m
LEFT JOIN deliveries d USING (sequence)
WHERE (%(state)s::text IS NULL OR coalesce(d.state, 'waiting') = %(state)s)
    AND (%(alert)s::text IS NULL OR m.alert = %(alert)s)
    AND (%(id)s::text IS NULL OR m.id = %(id)s)
    AND (%(before)s::bigint IS NULL OR m.sequence < %(before)s)
ORDER BY m.sequence DESC
LIMIT %(limit)s
