-- When messages went to somebody by a channel, of the last minutes; what went together is one.
SELECT batch, max(changed_at)
FROM deliveries
WHERE state = 'sent' AND recipient = %(recipient)s AND channel = %(channel)s
    AND changed_at > clock_timestamp() - make_interval(secs => %(seconds)s)
GROUP BY batch
ORDER BY max(changed_at)
