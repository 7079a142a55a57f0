-- Named people: accounts that can be disabled, passwords that must be changed, sessions that can be listed and ended.
ALTER TABLE users DROP CONSTRAINT users_role_check;
UPDATE users SET role = 'administrator' WHERE role = 'admin';

ALTER TABLE users
    ADD COLUMN person boolean NOT NULL DEFAULT TRUE,
    ADD COLUMN must_change boolean NOT NULL DEFAULT FALSE,
    ADD COLUMN one_time boolean NOT NULL DEFAULT FALSE,
    ADD COLUMN password_until timestamptz,
    ADD COLUMN disabled_at timestamptz;
-- Who signs in as 'lan' and who as 'Lan' are one person.
CREATE UNIQUE INDEX ON users (lower(name));
-- There was no way to change it: it is what was printed, or given, when the system was installed.
UPDATE users SET must_change = TRUE WHERE name = 'admin';

ALTER TABLE sessions DROP CONSTRAINT sessions_purpose_check;
ALTER TABLE sessions
    ADD COLUMN id text NOT NULL DEFAULT gen_random_uuid()::text,
    ADD COLUMN label text NOT NULL DEFAULT '',
    ADD COLUMN scopes text [],
    ADD COLUMN used_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN address text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX ON sessions (id);
CREATE INDEX ON sessions (user_name);
ALTER TABLE sessions ADD CONSTRAINT sessions_purpose_check CHECK (purpose IN ('console', 'service', 'token'));
-- The machine's own token acted in the name of a person, 'admin'; it is made again in its own.
DELETE FROM sessions WHERE purpose = 'service';
