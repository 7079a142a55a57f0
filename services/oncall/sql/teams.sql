-- Teams with those of their members who may sign in.
SELECT
    t.name,
    ARRAY(
        SELECT m.user_name
        FROM team_members m
        JOIN users u ON u.name = m.user_name AND u.disabled_at IS NULL
        WHERE m.team = t.name
        ORDER BY m.user_name COLLATE "C"
    )
FROM teams t
ORDER BY t.name COLLATE "C"
