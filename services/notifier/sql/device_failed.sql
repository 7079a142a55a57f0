-- A device has a message not, or not yet.
UPDATE push_devices SET failed = %(key)s, detail = %(detail)s WHERE id = %(id)s
