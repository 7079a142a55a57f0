-- Frames that an earlier release kept in the clear, with what names them.
SELECT DISTINCT ON (kept.sha256, shown ->> 'source', shown ->> 'time')
    kept.sha256, shown ->> 'source', (shown ->> 'time')::bigint, raised.body ->> 'origin',
    (shown -> 'boxes')::text
FROM evidence kept
INNER JOIN alert_transitions told
    ON told.kind IN ('raised', 'repeated', 'amended')
CROSS JOIN LATERAL jsonb_array_elements(
    CASE WHEN jsonb_typeof(told.body -> 'evidence') = 'array' THEN told.body -> 'evidence' END
) shown
INNER JOIN alert_transitions raised ON raised.alert = told.alert AND raised.version = 1
WHERE shown -> 'frame' ->> 2 = kept.sha256
