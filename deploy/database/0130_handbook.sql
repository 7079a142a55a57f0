-- What a site goes by and edits, every version of it; how urgent each alert is.
CREATE TABLE handbook (
    sort text NOT NULL,
    name text COLLATE "C" NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    actor text NOT NULL,
    time timestamptz NOT NULL,
    reason text NOT NULL,
    body jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (sort, name, version)
);
CREATE FUNCTION handbook_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'handbook is append only: % refused', TG_OP;
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON handbook
    FOR EACH STATEMENT EXECUTE FUNCTION handbook_is_append_only();

-- As services/alerts/priority.py has it of what has none.
ALTER TABLE alerts ADD COLUMN priority smallint NOT NULL DEFAULT 4;
UPDATE alerts SET priority = CASE severity
    WHEN 'critical' THEN 1 WHEN 'high' THEN 2 WHEN 'medium' THEN 3 ELSE 4 END;
CREATE INDEX ON alerts ((-priority) DESC, latest_time DESC, id DESC);
