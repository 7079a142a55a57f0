-- Somebody is reached by a channel before all else, where nobody has said how they are. The address is
-- their name, sealed anew: what was sealed by another key, or for another type, leads nowhere.
INSERT INTO contacts (user_name, channel, rank, address, language)
SELECT
    %(user)s, %(channel)s, greatest(coalesce(min(c.rank), 1) - 1, %(least)s::integer),
    %(address)s, %(language)s
FROM contacts c
WHERE c.user_name = %(user)s
ON CONFLICT (user_name, channel) DO UPDATE SET address = excluded.address
