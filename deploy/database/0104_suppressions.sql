-- What keeps alerts from asking: shelves and what else changes by event time, and suppressions with
-- their history, which is append only.
CREATE TABLE suppression_transitions (
    sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    suppression text COLLATE "C" NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    kind text NOT NULL,
    time timestamptz NOT NULL,
    actor text NOT NULL,
    command text NOT NULL,
    form smallint NOT NULL CHECK (form > 0),
    body jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (suppression, version),
    UNIQUE (actor, command)
);
CREATE FUNCTION suppression_transitions_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'suppression_transitions is append only: % refused', TG_OP;
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON suppression_transitions
    FOR EACH STATEMENT EXECUTE FUNCTION suppression_transitions_are_append_only();

ALTER TABLE alerts
    ADD COLUMN due timestamptz,
    ADD COLUMN active_since timestamptz,
    ADD COLUMN flapping_since timestamptz,
    ADD COLUMN disposition text,
    ADD COLUMN assigned_to text;
CREATE INDEX ON alerts (due) WHERE due IS NOT NULL;
CREATE INDEX ON alerts (id) WHERE resolved_at IS NULL;
-- What was acknowledged before has its limit too (services/alerts/holding.py).
UPDATE alerts SET due = acknowledged_at + CASE severity
    WHEN 'critical' THEN interval '1 hour' WHEN 'high' THEN interval '4 hours' ELSE interval '12 hours' END
WHERE active AND resolved_at IS NULL AND acknowledged_at IS NOT NULL;
