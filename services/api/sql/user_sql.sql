-- By which role of the database somebody asks in SQL; null: by none.
UPDATE users SET sql_role = %(role)s WHERE name = %(name)s
