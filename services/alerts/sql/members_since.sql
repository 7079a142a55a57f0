-- What became part of an alert since a time: its kind, its rule and when it was proven.
SELECT began.body ->> 'kind', began.body ->> 'rule', began.time
FROM alert_transitions merged
JOIN alert_transitions began ON began.incident = merged.incident AND began.kind IN ('raised', 'repeated')
WHERE merged.kind = 'merged' AND merged.body ->> 'into' = %(alert)s AND merged.time >= %(since)s
ORDER BY began.time, began.sequence
