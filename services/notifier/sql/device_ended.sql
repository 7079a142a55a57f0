-- A device is no more, as its push service says.
UPDATE push_devices
SET ended_at = now(), address = NULL, detail = %(detail)s
WHERE id = %(id)s
