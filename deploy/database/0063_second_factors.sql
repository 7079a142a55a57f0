-- Second factors: codes that a telephone computes (TOTP, RFC 6238).
CREATE TABLE second_factors (
    user_name text PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    secret bytea NOT NULL,
    confirmed boolean NOT NULL DEFAULT FALSE,
    last_step bigint NOT NULL DEFAULT 0,
    recovery bytea [] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
REVOKE ALL ON second_factors FROM cityops_analyst;
