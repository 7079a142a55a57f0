-- The incidents of a source that lasted at some time between two, with the alert of each; the latest first.
SELECT i.id::text, i.kind, i.severity, i.start_time, i.end_time, i.explained_by IS NOT NULL,
    (
        SELECT min(t.alert) FROM alert_transitions t
        WHERE t.incident = i.id::text AND t.kind IN ('raised', 'repeated')
    )
FROM incidents_latest i
WHERE i.sources[1] = %(source)s
  AND i.start_time < %(until)s AND (i.end_time IS NULL OR i.end_time >= %(since)s)
ORDER BY i.start_time DESC, i.id
LIMIT 100
