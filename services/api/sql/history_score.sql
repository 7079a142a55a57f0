-- Says how unusual imported values of a series are; those that say so already stay as they are.
UPDATE imported_readings AS i SET score = new.score
FROM unnest(%(times)s::timestamptz [], %(scores)s::real []) AS new (time, score)
WHERE i.source = %(source)s AND i.metric = %(metric)s AND i.time = new.time
  AND i.score IS DISTINCT FROM new.score
