-- Somebody's devices, the newest first.
SELECT id, channel, name, host, made_at, taken_at, detail, ended_at
FROM push_devices
WHERE user_name = %(user)s
ORDER BY made_at DESC, id
