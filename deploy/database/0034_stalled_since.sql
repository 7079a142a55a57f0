-- Event time stalls; a vehicle stands. Bodies of alerts that were stored before are read as they are.
ALTER TABLE alert_transitions RENAME COLUMN stood_since TO stalled_since;
COMMENT ON COLUMN alert_transitions.stalled_since IS
    'Where event time had stalled when this was written (UTC): ends and merges decided later than that were still to come; null: it went on, or a person caused this.';
