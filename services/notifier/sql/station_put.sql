-- A loudspeaker station, new or changed.
INSERT INTO stations (name, channel, ward, host, address, made_by)
VALUES (%(name)s, %(channel)s, %(ward)s, %(host)s, %(address)s, %(by)s)
ON CONFLICT (name) DO UPDATE
SET channel = excluded.channel, ward = excluded.ward, host = excluded.host,
    address = excluded.address, made_by = excluded.made_by, made_at = now()
