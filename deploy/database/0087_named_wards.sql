-- Wards to which users and teams are limited, also where no source is in them yet: who configures a source
-- spells its ward as they do, and need not see who they are.
CREATE VIEW named_wards AS
SELECT DISTINCT unnest(wards) AS ward FROM users
UNION
SELECT DISTINCT unnest(wards) FROM teams;
REVOKE ALL ON named_wards FROM cityops_analyst;
