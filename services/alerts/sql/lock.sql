-- One writer of transitions at a time in a namespace, until its transaction ends: so their sequence is the order of commit.
SELECT pg_advisory_xact_lock(hashtextextended('alerts of ' || current_schema(), 0))
