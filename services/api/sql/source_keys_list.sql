-- Every key by which readings are or were sent, with what it has sent today (UTC); the newest first.
SELECT
    k.id, k.label, k.sources, k.gateways, k.rate, k.daily, k.created_by, k.created_at, k.expires_at,
    k.revoked_by, k.revoked_at, coalesce(today.readings, 0), coalesce(today.refused, 0),
    (SELECT max(u.used_at) FROM source_key_usage AS u WHERE u.key_id = k.id)
FROM source_keys AS k
LEFT JOIN source_key_usage AS today
    ON k.id = today.key_id AND today.day = (now() AT TIME ZONE 'UTC')::date
ORDER BY k.created_at DESC, k.id
LIMIT 1000
