-- Loudspeaker stations and whether they answer: those that do not first. Who has not been asked for
-- five minutes is neither dead nor alive.
WITH judged AS (
    SELECT
        s.name, s.channel, s.ward, s.host,
        CASE
            WHEN c.asked_at IS NULL OR c.asked_at < now() - interval '5 minutes' THEN 'unknown'
            WHEN c.detail = '' THEN 'alive'
            ELSE 'dead'
        END AS state,
        c.asked_at, c.heard_at, coalesce(c.detail, '') AS detail
    FROM stations s
    LEFT JOIN station_calls c ON c.station = s.name
)
SELECT name, channel, ward, host, state, asked_at, heard_at, detail
FROM judged
ORDER BY array_position(ARRAY['dead', 'unknown', 'alive'], state), name
