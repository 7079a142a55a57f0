-- What happened in a period, for the load of operators.
CREATE INDEX ON alert_transitions (time);
