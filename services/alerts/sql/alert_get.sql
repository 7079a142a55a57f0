-- One alert as it is now.
SELECT body::text FROM alerts WHERE id = %(id)s
