-- It is one from now on.
UPDATE second_factors SET confirmed = TRUE, recovery = %(recovery)s
WHERE user_name = %(user_name)s AND NOT confirmed
