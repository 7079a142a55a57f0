-- A plan as it is from now on.
INSERT INTO oncall_plans (sort, name, body) VALUES (%(sort)s, %(name)s, %(body)s::jsonb)
ON CONFLICT (sort, name) DO UPDATE SET body = excluded.body
