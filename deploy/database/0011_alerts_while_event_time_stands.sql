-- What was announced while event time stood still says so: its end, or a merge, may be missing.
ALTER TABLE alert_transitions ADD COLUMN stood_since timestamptz;

COMMENT ON COLUMN alert_transitions.stood_since IS
    'Where event time stood still when this was written (UTC): ends and merges decided later than that were still to come; null: it went on, or a person caused this.';
