-- Where somebody is reached by a channel.
INSERT INTO contacts (user_name, channel, rank, address, language, exercises_until)
VALUES (%(user)s, %(channel)s, %(rank)s, %(address)s, %(language)s, %(exercises_until)s)
ON CONFLICT (user_name, channel) DO UPDATE
SET rank = excluded.rank, address = excluded.address, language = excluded.language,
    exercises_until = excluded.exercises_until
