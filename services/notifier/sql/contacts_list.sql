-- Everybody's addresses, those to be tried first first.
SELECT user_name, channel, rank, language, exercises_until, address
FROM contacts
ORDER BY user_name, rank, channel
