-- A role of the site's own, as it is from now on.
INSERT INTO roles (name, permissions) VALUES (%(name)s, %(permissions)s)
ON CONFLICT (name) DO UPDATE SET permissions = EXCLUDED.permissions
