-- The alert that holds an incident already, and the highest revision taken of that incident.
SELECT a.body::text, t.revision
FROM alert_transitions t
JOIN alerts a ON a.id = t.alert
WHERE t.incident = %(incident)s
ORDER BY t.revision DESC
LIMIT 1
