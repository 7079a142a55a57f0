-- Remembers a sign-in that has failed unless it succeeds.
INSERT INTO sign_in_failures (user_name, address, browser, failed_at)
VALUES (%(user_name)s, %(address)s, %(browser)s, now())
