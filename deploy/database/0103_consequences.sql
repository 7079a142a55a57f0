-- An incident says what it is a consequence of, and how that was decided.
ALTER TABLE incidents
    ADD COLUMN explained_by uuid,
    ADD COLUMN via text[] NOT NULL DEFAULT '{}',
    ADD COLUMN why text NOT NULL DEFAULT '';

-- A view lists its columns once and for all; new ones come last.
CREATE OR REPLACE VIEW incidents_latest AS
SELECT DISTINCT ON (id)
    id, revision, kind, rule, severity, origin, sources, zone, subject,
    start_time, decided_at, end_time, end_time - start_time AS lasted,
    segment, latitude, longitude, model, evidence, part_of, unknown_since, scenery,
    explained_by, via, why
FROM incidents
ORDER BY id, revision DESC;

-- The consequences of an alert are asked for whenever somebody looks at it.
ALTER TABLE alerts ADD COLUMN explained_by text;
CREATE INDEX ON alerts (explained_by) WHERE explained_by IS NOT NULL;
