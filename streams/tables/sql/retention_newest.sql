-- How far event time has come in the namespace, by the ticks that were read.
SELECT max(newest) FROM positions WHERE topic = ANY(%(ticked)s)
