-- Incidents as they were decided: every revision stays, the view shows the latest of each.
CREATE TABLE incidents (
    id uuid NOT NULL,
    revision integer NOT NULL,
    kind text NOT NULL,
    rule text NOT NULL,
    severity text NOT NULL,
    origin text NOT NULL,
    sources text[] NOT NULL,
    zone text NOT NULL,
    subject text NOT NULL,
    start_time timestamptz NOT NULL,
    decided_at timestamptz NOT NULL,
    end_time timestamptz,
    segment text,
    latitude double precision,
    longitude double precision,
    model text NOT NULL,
    evidence jsonb NOT NULL
);
SELECT create_hypertable(
    'incidents', 'decided_at',
    chunk_time_interval => INTERVAL '7 days', create_default_indexes => FALSE
);
-- incidents are few, so looking one up by its id may cost an index
CREATE INDEX incidents_id ON incidents (id, revision);

COMMENT ON TABLE incidents IS
    'Every revision of every incident, in the order of decision; append-only';
COMMENT ON COLUMN incidents.id IS
    'UUIDv5 of rule, source, zone, subject and start; the same in every replay';
COMMENT ON COLUMN incidents.revision IS
    '0: announced; each amendment, its end among them, one more';
COMMENT ON COLUMN incidents.kind IS
    'stopped_vehicle, crowd, intrusion, congestion, anomaly, silence or data_loss';
COMMENT ON COLUMN incidents.rule IS 'Id of the rule that found it';
COMMENT ON COLUMN incidents.severity IS 'informational, low, medium, high or critical';
COMMENT ON COLUMN incidents.origin IS 'live, recorded, simulated or replayed';
COMMENT ON COLUMN incidents.sources IS
    'Ids of the cameras and sensors that prove it, the first one first';
COMMENT ON COLUMN incidents.zone IS 'Id of the zone it lies in; empty: none';
COMMENT ON COLUMN incidents.subject IS
    'What it is about within its source, such as a track; empty: the source itself';
COMMENT ON COLUMN incidents.start_time IS 'Event time at which it began (UTC)';
COMMENT ON COLUMN incidents.decided_at IS 'Event time at which this revision was proven (UTC)';
COMMENT ON COLUMN incidents.end_time IS 'Event time at which it ended (UTC); null: it lasts';
COMMENT ON COLUMN incidents.segment IS 'Id of the road segment; null: none known';
COMMENT ON COLUMN incidents.latitude IS 'Where it is (degrees north, WGS 84); null: not known';
COMMENT ON COLUMN incidents.longitude IS 'Where it is (degrees east, WGS 84); null: not known';
COMMENT ON COLUMN incidents.model IS
    'Model behind the first evidence, name@version; empty: no model was asked';
COMMENT ON COLUMN incidents.evidence IS
    'What proves it: frames with boxes (tenths of a pixel, scores in thousandths), '
    'or series of [time (microseconds since 1970, UTC), value, score in thousandths]';

CREATE VIEW incidents_latest AS
SELECT DISTINCT ON (id)
    id, revision, kind, rule, severity, origin, sources, zone, subject,
    start_time, decided_at, end_time, end_time - start_time AS lasted,
    segment, latitude, longitude, model, evidence
FROM incidents
ORDER BY id, revision DESC;

COMMENT ON VIEW incidents_latest IS 'Each incident once, as its latest revision has it';
COMMENT ON COLUMN incidents_latest.id IS 'As in incidents';
COMMENT ON COLUMN incidents_latest.revision IS 'The latest one (number of amendments)';
COMMENT ON COLUMN incidents_latest.kind IS 'As in incidents';
COMMENT ON COLUMN incidents_latest.rule IS 'As in incidents';
COMMENT ON COLUMN incidents_latest.severity IS 'As in incidents';
COMMENT ON COLUMN incidents_latest.origin IS 'live, recorded, simulated or replayed';
COMMENT ON COLUMN incidents_latest.sources IS 'As in incidents';
COMMENT ON COLUMN incidents_latest.zone IS 'As in incidents';
COMMENT ON COLUMN incidents_latest.subject IS 'As in incidents';
COMMENT ON COLUMN incidents_latest.start_time IS 'Event time at which it began (UTC)';
COMMENT ON COLUMN incidents_latest.decided_at IS 'Event time of the latest revision (UTC)';
COMMENT ON COLUMN incidents_latest.end_time IS 'Event time at which it ended (UTC); null: it lasts';
COMMENT ON COLUMN incidents_latest.lasted IS 'From start to end (interval); null: it lasts';
COMMENT ON COLUMN incidents_latest.segment IS 'As in incidents';
COMMENT ON COLUMN incidents_latest.latitude IS 'Degrees north, WGS 84';
COMMENT ON COLUMN incidents_latest.longitude IS 'Degrees east, WGS 84';
COMMENT ON COLUMN incidents_latest.model IS 'As in incidents';
COMMENT ON COLUMN incidents_latest.evidence IS 'As in incidents';
