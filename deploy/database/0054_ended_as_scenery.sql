-- An incident says where it ended because what proved it is scenery.
ALTER TABLE incidents ADD COLUMN scenery boolean NOT NULL DEFAULT false;

-- A view lists its columns once and for all; new ones come last.
CREATE OR REPLACE VIEW incidents_latest AS
SELECT DISTINCT ON (id)
    id, revision, kind, rule, severity, origin, sources, zone, subject,
    start_time, decided_at, end_time, end_time - start_time AS lasted,
    segment, latitude, longitude, model, evidence, part_of, unknown_since, scenery
FROM incidents
ORDER BY id, revision DESC;
