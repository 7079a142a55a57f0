-- A team, as it is limited from now on.
INSERT INTO teams (name, wards) VALUES (%(name)s, %(wards)s)
ON CONFLICT (name) DO UPDATE SET wards = EXCLUDED.wards
