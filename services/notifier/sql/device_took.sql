-- A device has a message.
UPDATE push_devices
SET taken = %(key)s, taken_at = now(), failed = '', detail = ''
WHERE id = %(id)s
