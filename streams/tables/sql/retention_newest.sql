-- How far event time has come in the namespace.
SELECT max(newest) FROM positions
