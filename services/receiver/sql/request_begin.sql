-- Notes that a request begins to be published, unless it is known.
INSERT INTO received_requests (key_id, idempotency_key, body_hash, arrived, stamps)
VALUES (%(key)s, %(idempotency_key)s, %(body_hash)s, %(arrived)s, %(stamps)s)
ON CONFLICT DO NOTHING
RETURNING key_id
