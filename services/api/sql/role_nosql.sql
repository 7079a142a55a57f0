-- Nobody of a role asks in SQL any more.
UPDATE users SET sql_role = NULL WHERE role = %(name)s AND sql_role IS NOT NULL
