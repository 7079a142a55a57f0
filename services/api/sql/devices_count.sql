-- How many devices somebody has, and how many of them have ended.
SELECT count(*), count(ended_at) FROM push_devices WHERE user_name = %(user)s
