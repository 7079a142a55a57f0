-- In which form each row of the two logs is stored, so that a release never misreads another's.
ALTER TABLE control_log ADD COLUMN form smallint NOT NULL DEFAULT 1 CHECK (form > 0);
COMMENT ON COLUMN control_log.form IS
    'Form of change; a release that does not know it refuses to read on';
ALTER TABLE alert_transitions ADD COLUMN form smallint NOT NULL DEFAULT 1 CHECK (form > 0);
COMMENT ON COLUMN alert_transitions.form IS
    'Form of body; a release that does not know it refuses to read on';
