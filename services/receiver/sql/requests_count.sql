-- How many requests are kept of each key.
SELECT key_id, count(*) FROM received_requests GROUP BY key_id
