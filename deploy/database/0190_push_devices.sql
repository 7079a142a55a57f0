-- Browsers and telephones in which people have turned web push on.
CREATE TABLE push_devices (
    id text PRIMARY KEY,
    user_name text NOT NULL REFERENCES users ON DELETE CASCADE,
    channel text NOT NULL REFERENCES channels (name) ON DELETE CASCADE,
    name text NOT NULL,
    host text NOT NULL,
    address bytea,
    browser bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    tested_at timestamptz,
    taken text NOT NULL DEFAULT '',
    taken_at timestamptz,
    failed text NOT NULL DEFAULT '',
    detail text NOT NULL DEFAULT '',
    ended_at timestamptz
);
CREATE INDEX ON push_devices (user_name);
CREATE INDEX ON push_devices (channel);
CREATE INDEX ON push_devices (browser);
