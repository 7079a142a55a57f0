-- Somebody is told nowhere any more but, where it is named, in one browser.
DELETE FROM push_devices
WHERE user_name = %(user)s AND (%(but)s::bytea IS NULL OR browser <> %(but)s)
