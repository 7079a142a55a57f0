-- One notifier of a namespace at a time, for as long as it is connected.
SELECT pg_try_advisory_lock(hashtextextended('notifier of ' || current_schema(), 0))
