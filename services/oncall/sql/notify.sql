-- Wakes who sends, when the transaction commits.
SELECT pg_notify(left('messages.' || current_schema(), 63), '')
