-- Who is told of alerts: plans, the record by which it is decided, the outbox, and how it is sent.

CREATE TABLE oncall_plans (
    sort text NOT NULL,
    name text COLLATE "C" NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (sort, name)
);
CREATE TABLE oncall_log (
    sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE FUNCTION oncall_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'oncall_log is append only: % refused', TG_OP;
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON oncall_log
    FOR EACH STATEMENT EXECUTE FUNCTION oncall_log_is_append_only();

CREATE TABLE pursuits (
    alert text COLLATE "C" NOT NULL,
    policy text COLLATE "C" NOT NULL,
    due timestamptz,
    body jsonb NOT NULL,
    PRIMARY KEY (alert, policy)
);
CREATE INDEX ON pursuits (due) WHERE due IS NOT NULL;

CREATE TABLE messages (
    sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL UNIQUE,
    alert text COLLATE "C" NOT NULL,
    recipient text NOT NULL,
    time timestamptz NOT NULL,
    address bytea,
    body jsonb NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON messages (alert);
CREATE TABLE deliveries (
    sequence bigint PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'withheld')),
    route integer NOT NULL DEFAULT 0,
    recipient text NOT NULL DEFAULT '',
    channel text NOT NULL DEFAULT '',
    batch text NOT NULL DEFAULT '',
    exercise boolean NOT NULL DEFAULT FALSE,
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL DEFAULT now(),
    detail text NOT NULL DEFAULT '',
    changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON deliveries (next_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX ON deliveries (recipient, channel, changed_at) WHERE state = 'sent';

CREATE TABLE channels (
    name text PRIMARY KEY,
    type text NOT NULL,
    configuration jsonb NOT NULL,
    sealed bytea,
    public boolean NOT NULL,
    wards text [] CHECK (cardinality(wards) > 0),
    language text NOT NULL,
    exercises_until timestamptz,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE contacts (
    user_name text NOT NULL REFERENCES users ON DELETE CASCADE,
    channel text NOT NULL REFERENCES channels ON DELETE CASCADE,
    rank integer NOT NULL,
    address bytea NOT NULL,
    language text NOT NULL,
    exercises_until timestamptz,
    PRIMARY KEY (user_name, channel)
);
