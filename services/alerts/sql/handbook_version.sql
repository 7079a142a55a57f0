-- One version of something.
SELECT name, version, actor, time, reason, body::text
FROM handbook
WHERE sort = %(sort)s AND name = %(name)s AND version = %(version)s
