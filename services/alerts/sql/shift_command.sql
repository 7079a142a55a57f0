-- Whether a request was done before.
SELECT sequence FROM shift_log WHERE actor = %(actor)s AND command = %(command)s
