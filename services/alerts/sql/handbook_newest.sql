-- The version of something that holds now.
SELECT name, version, actor, time, reason, body::text
FROM handbook
WHERE sort = %(sort)s AND name = %(name)s
ORDER BY version DESC
LIMIT 1
