-- A plan is gone.
DELETE FROM oncall_plans WHERE sort = %(sort)s AND name = %(name)s RETURNING name
