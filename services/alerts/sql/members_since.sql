-- What became part of an alert since a time: its kind, its rule, when it was proven, its subject, its source.
SELECT began.body ->> 'kind', began.body ->> 'rule', began.time,
    coalesce(began.body ->> 'subject', ''), coalesce(began.body -> 'sources' ->> 0, '')
FROM alert_transitions merged
JOIN alert_transitions began ON began.incident = merged.incident AND began.kind IN ('raised', 'repeated')
WHERE merged.kind = 'merged' AND merged.body ->> 'into' = %(alert)s AND merged.time >= %(since)s
ORDER BY began.time, began.sequence
