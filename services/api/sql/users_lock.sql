-- One change of accounts at a time: each must see the one before it.
LOCK TABLE users, roles, teams, team_members IN SHARE ROW EXCLUSIVE MODE
