-- Somebody's devices by a channel, that are there as far as is known.
SELECT id, address, taken, failed
FROM push_devices
WHERE user_name = %(user)s AND channel = %(channel)s AND ended_at IS NULL
ORDER BY made_at, id
