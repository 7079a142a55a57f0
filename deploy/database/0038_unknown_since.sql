-- Nobody knows what happens in a gap: an incident whose source is not heard says since when.
ALTER TABLE incidents ADD COLUMN unknown_since timestamptz;

-- A view lists its columns once and for all; new ones come last.
CREATE OR REPLACE VIEW incidents_latest AS
SELECT DISTINCT ON (id)
    id, revision, kind, rule, severity, origin, sources, zone, subject,
    start_time, decided_at, end_time, end_time - start_time AS lasted,
    segment, latitude, longitude, model, evidence, part_of, unknown_since
FROM incidents
ORDER BY id, revision DESC;
