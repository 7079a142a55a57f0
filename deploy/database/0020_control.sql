-- What is configured: an append-only log of control events, which the gateway publishes in order.

CREATE TABLE control_log (
    sequence bigint PRIMARY KEY CHECK (sequence > 0),
    time     timestamptz NOT NULL,
    actor    text NOT NULL CHECK (actor <> ''),
    change   jsonb NOT NULL
);
COMMENT ON TABLE control_log IS 'Every change of what is configured (sources, zones, rules, active models), oldest first; append only.';
COMMENT ON COLUMN control_log.sequence IS 'Number of the change: 1, 2, 3 and so on without gaps, in the order of commits';
COMMENT ON COLUMN control_log.time IS 'When the change was made (UTC); it takes effect at its offset in each partition';
COMMENT ON COLUMN control_log.actor IS 'Who made it: a user name, or the part that did';
COMMENT ON COLUMN control_log.change IS 'The change as on the wire: an array of its type (source, zone, rule, model, removed) and its fields in order';

CREATE FUNCTION control_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'control_log is append only: % refused', TG_OP;
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON control_log
    FOR EACH STATEMENT EXECUTE FUNCTION control_log_is_append_only();

CREATE TABLE control_published (
    topics   text PRIMARY KEY,
    sequence bigint NOT NULL CHECK (sequence >= 0),
    time     timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE control_published IS 'How far the gateway has published control_log; topics that were created anew get it from the beginning.';
COMMENT ON COLUMN control_published.topics IS 'Kafka''s identifiers of the topics frames and readings';
COMMENT ON COLUMN control_published.sequence IS 'Every change up to this one is in every partition of both topics';
COMMENT ON COLUMN control_published.time IS 'When that was recorded (UTC)';

CREATE TABLE camera_addresses (
    source  text PRIMARY KEY,
    address text NOT NULL CHECK (address <> ''),
    fps     double precision NOT NULL CHECK (fps > 0),
    loop    boolean NOT NULL
);
COMMENT ON TABLE camera_addresses IS 'Cameras that the gateway reads, with their full addresses; for the owner only.';
COMMENT ON COLUMN camera_addresses.source IS 'The camera''s id';
COMMENT ON COLUMN camera_addresses.address IS 'File or URL that OpenCV opens, credentials included';
COMMENT ON COLUMN camera_addresses.fps IS 'At most so many frames per second are published';
COMMENT ON COLUMN camera_addresses.loop IS 'Whether a file starts again at its end';
REVOKE ALL ON camera_addresses FROM cityops_analyst;
