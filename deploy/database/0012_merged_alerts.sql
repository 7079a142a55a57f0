-- A migration that has been applied never changes, so what 0010 says of the column is said anew.
COMMENT ON COLUMN alert_transitions.kind IS 'raised, repeated, amended, returned, merged (by incidents); acknowledged, resolved, commented (by people).';
