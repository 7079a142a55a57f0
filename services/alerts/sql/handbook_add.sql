-- Appends a version.
INSERT INTO handbook (sort, name, version, actor, time, reason, body)
VALUES (%(sort)s, %(name)s, %(version)s, %(by)s, %(time)s, %(reason)s, %(body)s::jsonb)
