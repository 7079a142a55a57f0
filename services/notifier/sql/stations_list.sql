-- Every loudspeaker station, with its sealed address.
SELECT name, channel, ward, host, address FROM stations ORDER BY name
