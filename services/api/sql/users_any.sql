-- Whether anybody can sign in yet.
SELECT EXISTS (SELECT FROM users WHERE person)
