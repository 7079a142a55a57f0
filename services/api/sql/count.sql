-- How many alerts match, by state.
SELECT state, count(*)
FROM matching
GROUP BY state
ORDER BY state
