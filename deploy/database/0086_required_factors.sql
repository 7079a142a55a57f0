-- Roles whose people must have a second factor, and sessions for which the provider says that one was shown.
CREATE TABLE required_factors (
    role text PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now()
);
REVOKE ALL ON required_factors FROM cityops_analyst;
ALTER TABLE sessions ADD COLUMN second_factor boolean NOT NULL DEFAULT FALSE;
