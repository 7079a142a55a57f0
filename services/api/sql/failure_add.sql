-- Remembers a failed sign-in.
INSERT INTO sign_in_failures (user_name, address, failed_at)
VALUES (%(user_name)s, %(address)s, now())
