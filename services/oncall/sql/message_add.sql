-- Somebody is to be told something.
INSERT INTO messages (id, alert, recipient, time, address, body)
VALUES (%(id)s, %(alert)s, %(recipient)s, %(time)s, %(address)s, %(body)s::jsonb)
ON CONFLICT (id) DO NOTHING
