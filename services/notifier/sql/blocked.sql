-- To whom something is on its way that is tried again later, by which channel, and in how many
-- seconds at most: nothing overtakes it.
SELECT recipient, channel, extract(epoch FROM max(next_at) - now())::float8
FROM deliveries
WHERE state = 'sending' AND next_at > now()
GROUP BY recipient, channel
