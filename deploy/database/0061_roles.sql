-- Roles of a site's own, beside those that come with CityOps.
CREATE TABLE roles (
    name text PRIMARY KEY,
    permissions text [] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
REVOKE ALL ON roles FROM cityops_analyst;
