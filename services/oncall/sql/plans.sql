-- All that is planned, and what deciding knows besides.
SELECT sort, name, body::text FROM oncall_plans ORDER BY sort, name
