-- Uses a recovery code up.
UPDATE second_factors SET recovery = array_remove(recovery, %(code)s)
WHERE user_name = %(user_name)s AND confirmed AND %(code)s = ANY(recovery)
