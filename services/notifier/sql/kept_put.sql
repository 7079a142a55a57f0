-- What a channel remembers from now on; nothing, where it is gone meanwhile.
INSERT INTO channel_memory (channel, sealed)
SELECT c.name, %(sealed)s FROM channels c WHERE c.name = %(channel)s
ON CONFLICT (channel) DO UPDATE SET sealed = excluded.sealed, changed_at = clock_timestamp()
