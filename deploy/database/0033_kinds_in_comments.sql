-- Which kinds there are changes; table kinds has them.
COMMENT ON COLUMN alerts.kind IS 'Kind of its first incident, as in kinds.id';
