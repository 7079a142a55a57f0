-- Forgets requests of more than a day ago.
DELETE FROM received_requests WHERE begun_at < now() - interval '24 hours'
