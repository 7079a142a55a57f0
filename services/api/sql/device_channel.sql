-- Whether there is such a channel, which stays until the transaction ends.
SELECT name FROM channels WHERE name = %(channel)s FOR KEY SHARE
