-- Every version of everything of a sort, oldest first.
SELECT name, version, actor, time, reason, body::text
FROM handbook
WHERE sort = %(sort)s
ORDER BY name, version
