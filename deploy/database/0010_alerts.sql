-- Alerts: transitions are the truth, alerts their projection; people, their sessions, evidence.

CREATE TABLE alert_transitions (
    sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert text COLLATE "C" NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    kind text NOT NULL,
    time timestamptz NOT NULL,
    actor text NOT NULL,
    command text NOT NULL,
    incident text,
    revision integer,
    body jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (alert, version)
);
-- The last guard against anything done twice; the marks and the lifecycle come before it.
CREATE UNIQUE INDEX ON alert_transitions (incident, revision, kind) WHERE incident IS NOT NULL;
CREATE UNIQUE INDEX ON alert_transitions (actor, command, kind) WHERE command <> '';

COMMENT ON TABLE alert_transitions IS 'Everything that ever happened to alerts, append only: the truth that table alerts is computed from.';
COMMENT ON COLUMN alert_transitions.sequence IS 'Number in order of commit, over all alerts; the id of the live stream''s events.';
COMMENT ON COLUMN alert_transitions.alert IS 'Id of the alert (UUIDv5 of its first incident''s id).';
COMMENT ON COLUMN alert_transitions.version IS 'Version of the alert after this transition: 1, 2, 3 …';
COMMENT ON COLUMN alert_transitions.kind IS 'raised, repeated, amended, returned (by incidents); acknowledged, resolved, commented (by people).';
COMMENT ON COLUMN alert_transitions.time IS 'Event time at which the incident was proven, or wall-clock time of the person''s request (UTC).';
COMMENT ON COLUMN alert_transitions.actor IS 'User name; empty where an incident caused it.';
COMMENT ON COLUMN alert_transitions.command IS 'Client''s id of the request, so that one sent twice is done once; empty where an incident caused it.';
COMMENT ON COLUMN alert_transitions.incident IS 'Id of the incident that caused it; null where a person did.';
COMMENT ON COLUMN alert_transitions.revision IS 'Revision of that incident; null where a person caused it.';
COMMENT ON COLUMN alert_transitions.body IS 'The change itself; times in microseconds since 1970 UTC, boxes in pixels.';
COMMENT ON COLUMN alert_transitions.recorded_at IS 'Wall-clock time at which the row was written (UTC).';

CREATE FUNCTION alert_transitions_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'alert_transitions is append only: % refused', TG_OP;
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON alert_transitions
    FOR EACH STATEMENT EXECUTE FUNCTION alert_transitions_are_append_only();

CREATE TABLE alerts (
    id text COLLATE "C" PRIMARY KEY,
    version integer NOT NULL,
    sequence bigint NOT NULL,
    kind text NOT NULL,
    rule text NOT NULL,
    origin text NOT NULL,
    severity text NOT NULL,
    severity_rank smallint NOT NULL,
    source text NOT NULL,
    zone text NOT NULL,
    state text NOT NULL,
    active boolean NOT NULL,
    count integer NOT NULL,
    event_time timestamptz NOT NULL,
    latest_time timestamptz NOT NULL,
    decided_at timestamptz NOT NULL,
    last_activity timestamptz NOT NULL,
    ended timestamptz,
    acknowledged_by text,
    acknowledged_at timestamptz,
    resolved_by text,
    resolved_at timestamptz,
    search text NOT NULL,
    body jsonb NOT NULL
);
CREATE INDEX ON alerts (latest_time, id);
CREATE INDEX ON alerts (severity_rank, latest_time, id);
CREATE INDEX ON alerts (rule, source, zone, origin, last_activity);

COMMENT ON TABLE alerts IS 'Every alert as it is now: the projection of alert_transitions, which can be computed again at any time.';
COMMENT ON COLUMN alerts.id IS 'UUIDv5 of the id of the first incident.';
COMMENT ON COLUMN alerts.version IS 'How many transitions it has had.';
COMMENT ON COLUMN alerts.sequence IS 'Sequence of its last transition.';
COMMENT ON COLUMN alerts.kind IS 'stopped_vehicle, crowd, intrusion, congestion, anomaly, silence, data_loss.';
COMMENT ON COLUMN alerts.rule IS 'Id of the rule that was met.';
COMMENT ON COLUMN alerts.origin IS 'live, recorded, simulated or replayed.';
COMMENT ON COLUMN alerts.severity IS 'informational, low, medium, high, critical (Smart Data Models).';
COMMENT ON COLUMN alerts.severity_rank IS 'The severity as a number, 0 (informational) to 4 (critical), to order by.';
COMMENT ON COLUMN alerts.source IS 'Id of the camera or sensor.';
COMMENT ON COLUMN alerts.zone IS 'Id of the zone; empty where the rule has none.';
COMMENT ON COLUMN alerts.state IS 'unacknowledged, acknowledged, returned_unacknowledged, normal (ISA-18.2), or resolved.';
COMMENT ON COLUMN alerts.active IS 'Whether the condition is there; false: returned to normal.';
COMMENT ON COLUMN alerts.count IS 'Occurrences: incidents of the same rule, source and zone, each at most ten minutes after the last.';
COMMENT ON COLUMN alerts.event_time IS 'Event time at which the first occurrence began (UTC).';
COMMENT ON COLUMN alerts.latest_time IS 'Event time at which the latest occurrence began (UTC).';
COMMENT ON COLUMN alerts.decided_at IS 'Event time at which the latest occurrence was proven (UTC).';
COMMENT ON COLUMN alerts.last_activity IS 'Latest event time at which an incident of it began, changed or ended (UTC).';
COMMENT ON COLUMN alerts.ended IS 'Event time at which the condition returned to normal (UTC); null while it is there.';
COMMENT ON COLUMN alerts.acknowledged_by IS 'User who acknowledged the latest occurrence; null: nobody yet.';
COMMENT ON COLUMN alerts.acknowledged_at IS 'When (wall clock, UTC).';
COMMENT ON COLUMN alerts.resolved_by IS 'User who closed it; null: open.';
COMMENT ON COLUMN alerts.resolved_at IS 'When (wall clock, UTC).';
COMMENT ON COLUMN alerts.search IS 'What a text search looks at: ids and names, lower case, without diacritics.';
COMMENT ON COLUMN alerts.body IS 'The whole alert; times in microseconds since 1970 UTC, boxes in pixels.';

CREATE TABLE evidence (
    sha256 text PRIMARY KEY,
    jpeg bytea NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now()
);
-- A JPEG does not get smaller: do not try.
ALTER TABLE evidence ALTER COLUMN jpeg SET STORAGE EXTERNAL;

COMMENT ON TABLE evidence IS 'The exact frames that alerts rest on, copied before Kafka''s retention takes them.';
COMMENT ON COLUMN evidence.sha256 IS 'SHA-256 of jpeg, hexadecimal; what the alert''s evidence names.';
COMMENT ON COLUMN evidence.jpeg IS 'The picture as the camera sent it, byte for byte.';
COMMENT ON COLUMN evidence.stored_at IS 'Wall-clock time of the copy (UTC).';

CREATE TABLE users (
    name text PRIMARY KEY,
    role text NOT NULL CHECK (role IN ('operator', 'engineer', 'analyst', 'admin')),
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE users IS 'People who may sign in.';
COMMENT ON COLUMN users.name IS 'What they sign in with; the actor of what they do.';
COMMENT ON COLUMN users.role IS 'operator, engineer, analyst or admin.';
COMMENT ON COLUMN users.password_hash IS 'Argon2id.';
COMMENT ON COLUMN users.created_at IS 'Wall-clock time (UTC).';

CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY,
    user_name text NOT NULL REFERENCES users ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose IN ('console', 'service')),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz
);
CREATE INDEX ON sessions (expires_at);
COMMENT ON TABLE sessions IS 'Who is signed in, and the tokens of programs.';
COMMENT ON COLUMN sessions.token_hash IS 'SHA-256 of the random token; the token itself is not kept.';
COMMENT ON COLUMN sessions.user_name IS 'In whose name the token acts.';
COMMENT ON COLUMN sessions.purpose IS 'console: a person signed in; service: a program on this machine.';
COMMENT ON COLUMN sessions.created_at IS 'Wall-clock time (UTC).';
COMMENT ON COLUMN sessions.expires_at IS 'Wall-clock time after which the token is void (UTC); null: never.';

CREATE TABLE sign_in_failures (
    user_name text NOT NULL,
    address text NOT NULL,
    failed_at timestamptz NOT NULL
);
CREATE INDEX ON sign_in_failures (failed_at);
COMMENT ON TABLE sign_in_failures IS 'Failed sign-ins of the last minutes, so that guessing is slowed down.';
COMMENT ON COLUMN sign_in_failures.user_name IS 'The name that was tried.';
COMMENT ON COLUMN sign_in_failures.address IS 'The client''s network address.';
COMMENT ON COLUMN sign_in_failures.failed_at IS 'Wall-clock time (UTC).';

REVOKE ALL ON users, sessions, sign_in_failures FROM cityops_analyst;
