-- These go together now, under one key, however often that takes.
UPDATE deliveries
SET state = 'sending', recipient = %(recipient)s, channel = %(channel)s, batch = %(batch)s,
    attempts = attempts + 1, next_at = now(), changed_at = now()
WHERE sequence = ANY(%(sequences)s)
