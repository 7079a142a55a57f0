-- Uses a code up, and all before it.
UPDATE second_factors SET last_step = %(step)s
WHERE user_name = %(user_name)s AND last_step < %(step)s
