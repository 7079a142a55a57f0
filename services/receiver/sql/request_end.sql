-- Keeps the answer to a request.
UPDATE received_requests SET status = %(status)s, answer = %(answer)s
WHERE key_id = %(key)s AND idempotency_key = %(idempotency_key)s
