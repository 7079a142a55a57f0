-- Somebody is in a team from now on.
INSERT INTO team_members (team, user_name) VALUES (%(team)s, %(user_name)s) ON CONFLICT DO NOTHING
