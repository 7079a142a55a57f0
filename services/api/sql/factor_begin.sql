-- A second factor that is not confirmed yet; nothing where there is one that is.
INSERT INTO second_factors (user_name, secret) VALUES (%(user_name)s, %(secret)s)
ON CONFLICT (user_name) DO UPDATE SET secret = EXCLUDED.secret, last_step = 0, created_at = now()
WHERE NOT second_factors.confirmed
