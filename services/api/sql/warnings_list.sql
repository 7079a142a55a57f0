-- Public warnings, the latest first; one of them where an id is given.
SELECT id, alert, channel, reason, proposed_by, proposed_at, state, decided_by, decided_at
FROM public_warnings
WHERE %(id)s::text IS NULL OR id = %(id)s
ORDER BY proposed_at DESC, id
LIMIT 200
