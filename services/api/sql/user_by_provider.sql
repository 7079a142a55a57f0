-- The account of whom a provider means.
SELECT
    u.name, u.role, r.permissions, u.password_hash, u.person, u.must_change, u.one_time,
    coalesce(u.password_until < now(), FALSE), u.disabled_at, u.created_at, u.issuer,
    u.wards, a.wards,
    ARRAY(SELECT m.team FROM team_members m WHERE m.user_name = u.name ORDER BY lower(m.team))
FROM users u
LEFT JOIN roles r ON r.name = u.role
JOIN user_areas a ON a.user_name = u.name
WHERE u.issuer = %(issuer)s AND u.subject = %(subject)s
