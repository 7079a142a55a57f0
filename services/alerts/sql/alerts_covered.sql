-- Open alerts that a suppression covers; anew: those that it has not suppressed yet.
SELECT body::text
FROM alerts
WHERE resolved_at IS NULL
  AND CASE %(scope)s WHEN 'rule' THEN rule WHEN 'source' THEN source ELSE ward END = %(subject)s
  AND NOT (%(anew)s AND coalesce(body -> 'suppressions' ? %(id)s, FALSE))
ORDER BY id
