-- A channel is gone, with everybody's address there.
DELETE FROM channels WHERE name = %(name)s RETURNING name
