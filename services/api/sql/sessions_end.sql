-- Ends somebody's sessions and tokens: one of them, or all but one.
DELETE FROM sessions
WHERE user_name = %(user_name)s
  AND purpose = ANY(%(purposes)s)
  AND (%(id)s::text IS NULL OR id = %(id)s)
  AND (%(but)s::text IS NULL OR id <> %(but)s)
RETURNING id
