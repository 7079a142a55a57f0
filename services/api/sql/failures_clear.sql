-- A success clears what failed before it under the same name from the same place; old ones go too.
DELETE FROM sign_in_failures
WHERE (
        user_name = %(user_name)s
        AND ((%(browser)s::bytea IS NULL AND address = %(address)s) OR browser = %(browser)s)
    )
   OR failed_at <= now() - make_interval(secs => %(window)s::double precision)
