-- A station is no more.
DELETE FROM stations WHERE name = %(name)s RETURNING name
