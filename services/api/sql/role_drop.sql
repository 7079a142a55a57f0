-- Removes a role of the site's own.
DELETE FROM roles WHERE name = %(name)s
