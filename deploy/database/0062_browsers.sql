-- Browsers in which somebody has signed in: what others guess elsewhere does not keep them waiting.
CREATE TABLE browsers (
    token_hash bytea NOT NULL,
    user_name text NOT NULL REFERENCES users ON DELETE CASCADE,
    used_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (token_hash, user_name)
);
CREATE INDEX ON browsers (used_at);
REVOKE ALL ON browsers FROM cityops_analyst;

ALTER TABLE sign_in_failures ADD COLUMN browser bytea;
