-- A warning that is proposed is so no more.
UPDATE public_warnings
SET state = %(state)s, decided_by = %(by)s, decided_at = %(at)s
WHERE id = %(id)s AND state = 'proposed'
