-- Whether a station has answered; nothing, where it is gone meanwhile.
INSERT INTO station_calls AS c (station, asked_at, heard_at, detail)
SELECT s.name, now(), CASE %(detail)s::text WHEN '' THEN now() END, %(detail)s
FROM stations s
WHERE s.name = %(station)s
ON CONFLICT (station) DO UPDATE
SET asked_at = excluded.asked_at, heard_at = coalesce(excluded.heard_at, c.heard_at),
    detail = excluded.detail
