-- Who is on shift, what they noted and handed over.
CREATE TABLE shift_log (
    sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    time timestamptz NOT NULL,
    actor text NOT NULL,
    command text NOT NULL,
    body jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (actor, command)
);
CREATE FUNCTION shift_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'shift_log is append only: % refused', TG_OP;
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON shift_log
    FOR EACH STATEMENT EXECUTE FUNCTION shift_log_is_append_only();
