-- Whether somebody's session goes on, which none ends until the transaction does.
SELECT id FROM sessions WHERE id = %(session)s FOR KEY SHARE
