-- Orders to erase pictures, the newest first.
SELECT id, source, after, until, actor, reason, ordered_at, reached::text
FROM erasures
ORDER BY id DESC
LIMIT %(limit)s
