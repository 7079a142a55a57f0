-- Everybody who may sign in, with the wards that they may see; null: everywhere.
SELECT u.name, a.wards
FROM users u
JOIN user_areas a ON a.user_name = u.name
WHERE u.disabled_at IS NULL AND u.person
ORDER BY u.name COLLATE "C"
