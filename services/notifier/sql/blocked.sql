-- To whom something is on its way that is tried again later, by which channel: nothing overtakes it.
SELECT DISTINCT recipient, channel
FROM deliveries
WHERE state = 'sending' AND next_at > clock_timestamp()
