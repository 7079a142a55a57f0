-- Every line of every suppression, oldest first.
SELECT suppression, version, time, actor, command, form, body::text
FROM suppression_transitions
ORDER BY sequence
