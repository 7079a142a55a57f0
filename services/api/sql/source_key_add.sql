-- A key by which readings are sent, for so many days or (null) for good.
INSERT INTO source_keys (token_hash, label, sources, gateways, rate, daily, created_by, expires_at)
VALUES (
    %(token_hash)s, %(label)s, %(sources)s, %(gateways)s, %(rate)s, %(daily)s, %(created_by)s,
    now() + make_interval(days => %(days)s::integer)
)
RETURNING id
