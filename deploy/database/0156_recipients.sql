-- Who may be told of alerts: people who may sign in, in a role that may read them.
CREATE VIEW recipients AS
SELECT u.name AS user_name, a.wards
FROM users AS u
INNER JOIN user_areas AS a ON a.user_name = u.name
WHERE u.disabled_at IS NULL AND u.person AND u.role <> 'none'
    AND NOT EXISTS (
        SELECT FROM roles AS r WHERE r.name = u.role AND NOT 'alerts:read' = ANY(r.permissions)
    );
