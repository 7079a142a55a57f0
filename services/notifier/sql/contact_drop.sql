-- Somebody is reached by a channel no more.
DELETE FROM contacts WHERE user_name = %(user)s AND channel = %(channel)s RETURNING channel
