-- People of a role must have a second factor from now on.
INSERT INTO required_factors (role) VALUES (%(role)s) ON CONFLICT DO NOTHING
