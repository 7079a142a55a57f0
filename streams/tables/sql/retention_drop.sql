-- Drops the chunks of a hypertable that lie wholly before a time; says how many.
SELECT count(*) FROM drop_chunks(%(table)s::regclass, older_than => %(before)s::timestamptz)
