-- Somebody is reached by a channel before all else, where nobody has said how they are.
INSERT INTO contacts (user_name, channel, rank, address, language)
SELECT %(user)s, %(channel)s, coalesce(min(c.rank), 1) - 1, %(address)s, %(language)s
FROM contacts c
WHERE c.user_name = %(user)s
ON CONFLICT (user_name, channel) DO NOTHING
