-- The last hour that is said.
SELECT max(time) FROM source_hours
