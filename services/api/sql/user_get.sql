-- Who signs in under this name.
SELECT name, role, password_hash FROM users WHERE name = %(name)s
