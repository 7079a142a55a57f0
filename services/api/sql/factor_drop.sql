-- Removes somebody's second factor.
DELETE FROM second_factors WHERE user_name = %(user_name)s
