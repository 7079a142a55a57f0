-- Somebody's second factor.
SELECT secret, confirmed, last_step FROM second_factors WHERE user_name = %(user_name)s
