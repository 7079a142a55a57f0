-- Drops the chunks of a hypertable that lie wholly before a time, as their owner; says how many.
SELECT drop_old_rows(%(table)s, %(before)s::timestamptz)
