-- What is known of a request.
SELECT body_hash, arrived, stamps, status, answer FROM received_requests
WHERE key_id = %(key)s AND idempotency_key = %(idempotency_key)s AND begun_at > now() - interval '24 hours'
