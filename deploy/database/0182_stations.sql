-- Loudspeaker stations of public channels, and whether they answer.
CREATE TABLE stations (
    name text PRIMARY KEY,
    channel text NOT NULL REFERENCES channels (name) ON DELETE CASCADE,
    ward text NOT NULL,
    host text NOT NULL,
    address bytea NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON stations (channel);
CREATE TABLE station_calls (
    station text PRIMARY KEY REFERENCES stations (name) ON DELETE CASCADE,
    asked_at timestamptz NOT NULL,
    heard_at timestamptz,
    detail text NOT NULL DEFAULT ''
);
