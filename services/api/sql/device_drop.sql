-- A device is no more; of the user, where one is named.
DELETE FROM push_devices
WHERE id = %(id)s AND (%(user)s::text IS NULL OR user_name = %(user)s)
