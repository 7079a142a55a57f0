-- One attempt at a time is judged: each must see the one before it.
SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.sign_in_failures', 0))
