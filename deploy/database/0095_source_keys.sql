-- Keys by which readings are sent over HTTP, what each has sent, and the answers that are given again.
CREATE TABLE source_keys (
    id text PRIMARY KEY DEFAULT substr(md5(gen_random_uuid()::text), 1, 12),
    token_hash bytea NOT NULL UNIQUE,
    label text NOT NULL,
    sources text [] NOT NULL,
    gateways text [] NOT NULL,
    rate double precision NOT NULL CHECK (rate > 0),
    daily bigint NOT NULL CHECK (daily > 0),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_by text,
    revoked_at timestamptz,
    CHECK (cardinality(sources) + cardinality(gateways) > 0),
    CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
);
CREATE TABLE source_key_usage (
    key_id text NOT NULL REFERENCES source_keys (id),
    day date NOT NULL,
    readings bigint NOT NULL,
    refused bigint NOT NULL,
    used_at timestamptz NOT NULL,
    PRIMARY KEY (key_id, day)
);
CREATE TABLE received_requests (
    key_id text NOT NULL REFERENCES source_keys (id),
    idempotency_key text NOT NULL,
    body_hash bytea NOT NULL,
    arrived bigint NOT NULL,
    stamps bigint [] NOT NULL,
    status integer,
    answer text,
    begun_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (key_id, idempotency_key)
);
CREATE INDEX ON received_requests (begun_at);
