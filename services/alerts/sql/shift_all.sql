-- The shift log, oldest first; of hand-overs only one has all that was handed over.
SELECT area, time, actor, command,
    (
        CASE WHEN kind = 'offered' AND body ->> 'digest' <> %(digest)s THEN body - 'items'
            ELSE body
        END
    )::text
FROM shift_log
ORDER BY sequence
