-- What a request did before.
SELECT area, kind FROM shift_log WHERE actor = %(actor)s AND command = %(command)s
