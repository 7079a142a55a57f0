-- When messages went to somebody by a channel, of the last minutes.
SELECT DISTINCT batch, changed_at
FROM deliveries
WHERE state = 'sent' AND recipient = %(recipient)s AND channel = %(channel)s
    AND changed_at > clock_timestamp() - make_interval(secs => %(seconds)s)
ORDER BY changed_at
