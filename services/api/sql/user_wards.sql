-- What somebody may see, beside what their teams may; null: no limit of their own.
UPDATE users SET wards = %(wards)s WHERE name = %(name)s
