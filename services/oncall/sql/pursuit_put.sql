-- An alert on its way through a policy.
INSERT INTO pursuits (alert, policy, due, body) VALUES (%(alert)s, %(policy)s, %(due)s, %(body)s::jsonb)
ON CONFLICT (alert, policy) DO UPDATE SET due = excluded.due, body = excluded.body
