-- A row of a hypertable comes to say something else.
UPDATE {table}
SET ({others}) = ROW ({values})
WHERE time = %(c0)s
  AND source = %(c1)s
  AND metric = %(c2)s
