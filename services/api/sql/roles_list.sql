-- The site's own roles, and how many people have each.
SELECT r.name, r.permissions, (SELECT count(*) FROM users u WHERE u.role = r.name)
FROM roles r
ORDER BY r.name
