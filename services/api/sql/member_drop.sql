-- Somebody is in a team no more.
DELETE FROM team_members WHERE team = %(team)s AND user_name = %(user_name)s
