-- Empties the projection, before it is computed again.
DELETE FROM alerts
