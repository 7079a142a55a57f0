-- What a channel remembers, sealed.
SELECT sealed FROM channel_memory WHERE channel = %(channel)s
