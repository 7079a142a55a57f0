-- Removes a team; its members are in it no more.
DELETE FROM teams WHERE name = %(name)s
