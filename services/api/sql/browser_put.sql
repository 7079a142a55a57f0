-- A browser in which somebody has signed in.
INSERT INTO browsers (token_hash, user_name) VALUES (%(browser)s, %(user_name)s)
ON CONFLICT (token_hash, user_name) DO UPDATE SET used_at = now()
