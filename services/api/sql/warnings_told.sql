-- To whom these public warnings, and their ends, went, and what became of each; in order of deciding.
SELECT
    m.body -> 'warning' ->> 'id', m.recipient, coalesce((m.body -> 'warning' ->> 'over')::boolean, FALSE),
    coalesce(d.state, 'waiting'), coalesce(d.detail, ''), d.changed_at
FROM messages m
LEFT JOIN deliveries d USING (sequence)
WHERE m.alert = ANY(%(alerts)s) AND m.body -> 'warning' ->> 'id' = ANY(%(ids)s)
ORDER BY m.sequence
