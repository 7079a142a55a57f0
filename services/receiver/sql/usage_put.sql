-- Says what was sent by a key on a day.
INSERT INTO source_key_usage (key_id, day, readings, refused, used_at)
VALUES (%(key)s, %(day)s, %(readings)s, %(refused)s, now())
ON CONFLICT (key_id, day) DO UPDATE
SET readings = excluded.readings, refused = excluded.refused, used_at = excluded.used_at
