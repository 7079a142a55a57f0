-- An incident that several sources prove is one: what the others announced becomes part of it.
ALTER TABLE incidents ADD COLUMN part_of uuid;

COMMENT ON COLUMN incidents.part_of IS
    'Id of the incident that this one turned out to be part of; null: it is one of its own';
COMMENT ON COLUMN incidents.end_time IS
    'Event time at which it ended, or became part of another (UTC); null: it lasts';

-- A view lists its columns once and for all; new ones come last.
CREATE OR REPLACE VIEW incidents_latest AS
SELECT DISTINCT ON (id)
    id, revision, kind, rule, severity, origin, sources, zone, subject,
    start_time, decided_at, end_time, end_time - start_time AS lasted,
    segment, latitude, longitude, model, evidence, part_of
FROM incidents
ORDER BY id, revision DESC;

COMMENT ON COLUMN incidents_latest.part_of IS 'As in incidents';
