-- Takes an account out of use, or back into it.
UPDATE users
SET disabled_at = CASE WHEN %(disabled)s THEN coalesce(disabled_at, now()) END
WHERE name = %(name)s
