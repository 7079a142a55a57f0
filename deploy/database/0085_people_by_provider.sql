-- People by an identity provider: who they are is what it says, under its own name; they have no password here.
ALTER TABLE users
    ADD COLUMN issuer text NOT NULL DEFAULT '',
    ADD COLUMN subject text NOT NULL DEFAULT '',
    ADD CONSTRAINT users_by_provider_check CHECK (
        (issuer = '') = (subject = '') AND (issuer = '' OR (person AND password_hash = ''))
    );
CREATE UNIQUE INDEX ON users (issuer, subject) WHERE issuer <> '';
-- Sign-ins that have come back from there: each does once.
CREATE TABLE used_states (
    state_hash bytea PRIMARY KEY,
    until timestamptz NOT NULL
);
CREATE INDEX ON used_states (until);
REVOKE ALL ON used_states FROM cityops_analyst;
