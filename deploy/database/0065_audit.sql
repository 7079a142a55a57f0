-- The audit log: a chain of lines, each with the hash of the one before. Only its start may be cut, by retention.
CREATE TABLE audit_log (
    sequence bigint PRIMARY KEY CHECK (sequence > 0),
    form smallint NOT NULL,
    time timestamptz NOT NULL,
    last timestamptz NOT NULL,
    times integer NOT NULL CHECK (times > 0),
    actor text NOT NULL,
    role text NOT NULL,
    means text NOT NULL,
    label text NOT NULL,
    address text NOT NULL,
    action text NOT NULL CHECK (action <> ''),
    subject text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('done', 'refused', 'failed')),
    reason text NOT NULL,
    why text NOT NULL,
    detail text NOT NULL,
    id text NOT NULL UNIQUE,
    previous bytea NOT NULL CHECK (length(previous) = 32),
    hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32)
);
CREATE INDEX ON audit_log (time);
CREATE INDEX ON audit_log (sequence) WHERE action = 'audit:cut';
REVOKE ALL ON audit_log FROM cityops_analyst;

-- Keeps the owner from mistakes. Who is superuser gets round it, and is found by the chain.
CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_log is append only: % refused', TG_OP;
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only();
CREATE TRIGGER only_the_start_is_cut BEFORE DELETE ON audit_log
    FOR EACH ROW
    WHEN (OLD.sequence > coalesce(nullif(current_setting('cityops.audit_cut', TRUE), '')::bigint, 0))
    EXECUTE FUNCTION audit_log_is_append_only();
