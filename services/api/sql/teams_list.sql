-- Every team, its wards and who is in it.
SELECT
    t.name, t.wards,
    ARRAY(SELECT m.user_name FROM team_members m WHERE m.team = t.name ORDER BY lower(m.user_name))
FROM teams t
ORDER BY lower(t.name)
