-- Somebody is in the teams of the groups in which a provider says that they are.
INSERT INTO team_members (team, user_name, by_provider)
SELECT t.name, %(user_name)s, TRUE
FROM teams t
WHERE t.name = ANY(%(groups)s::text[])
ON CONFLICT DO NOTHING
RETURNING team
