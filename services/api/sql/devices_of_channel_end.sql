-- A channel's devices are no more.
UPDATE push_devices SET ended_at = now(), address = NULL, detail = %(detail)s
WHERE channel = %(channel)s AND ended_at IS NULL
