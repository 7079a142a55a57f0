-- People of a role need no second factor any more.
DELETE FROM required_factors WHERE role = %(role)s
