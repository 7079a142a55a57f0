-- Which incidents became part of an alert is asked whenever somebody looks at it.
CREATE INDEX ON alert_transitions ((body ->> 'into')) WHERE kind = 'merged';
