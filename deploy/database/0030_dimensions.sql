-- What the ids in the history stand for: a row per source, and the words of kinds and metrics.
CREATE TABLE assets (
    id text PRIMARY KEY,
    type text NOT NULL,
    name_vi text NOT NULL,
    name_en text NOT NULL,
    latitude double precision,
    longitude double precision,
    segment text,
    ward text,
    owner text,
    origin text NOT NULL,
    since timestamptz NOT NULL,
    removed_at timestamptz,
    sequence bigint NOT NULL,
    CHECK ((latitude IS NULL) = (longitude IS NULL))
);
COMMENT ON TABLE assets IS
    'Cameras and sensors, one row each, also those that have been removed; follows control_log';
COMMENT ON COLUMN assets.id IS
    'As in readings.source, frames.camera, counts.camera and incidents.sources';
COMMENT ON COLUMN assets.type IS 'Asset type, as its feed declares it';
COMMENT ON COLUMN assets.name_vi IS 'Name in Vietnamese';
COMMENT ON COLUMN assets.name_en IS 'Name in English';
COMMENT ON COLUMN assets.latitude IS 'Where it is (degrees north, WGS 84); null: not known';
COMMENT ON COLUMN assets.longitude IS 'Where it is (degrees east, WGS 84); null: not known';
COMMENT ON COLUMN assets.segment IS 'Id of the road segment, as in incidents; null: none known';
COMMENT ON COLUMN assets.ward IS 'Ward or commune; null: not known';
COMMENT ON COLUMN assets.owner IS 'Who runs it; null: not known';
COMMENT ON COLUMN assets.origin IS 'live, recorded, simulated or replayed';
COMMENT ON COLUMN assets.since IS 'Since when it has been known without a break (UTC)';
COMMENT ON COLUMN assets.removed_at IS 'When it was removed (UTC); null: it is there';
COMMENT ON COLUMN assets.sequence IS 'Number of the change in control_log that the row is as of';

CREATE TABLE kinds (
    id text PRIMARY KEY,
    name_vi text NOT NULL,
    name_en text NOT NULL,
    category text NOT NULL,
    formerly text[] NOT NULL
);
COMMENT ON TABLE kinds IS 'Kinds of incidents, one row each; written at every migration';
COMMENT ON COLUMN kinds.id IS 'As in incidents.kind';
COMMENT ON COLUMN kinds.name_vi IS 'Name in Vietnamese';
COMMENT ON COLUMN kinds.name_en IS 'Name in English';
COMMENT ON COLUMN kinds.category IS 'Category of the Smart Data Models Alert, or ours';
COMMENT ON COLUMN kinds.formerly IS 'Former ids, which older incidents carry';

CREATE TABLE metrics (
    id text PRIMARY KEY,
    name_vi text NOT NULL,
    name_en text NOT NULL,
    unit_vi text NOT NULL,
    unit_en text NOT NULL,
    least double precision NOT NULL,
    most double precision NOT NULL
);
COMMENT ON TABLE metrics IS 'What sensors measure, one row each; written at every migration';
COMMENT ON COLUMN metrics.id IS 'As in readings.metric';
COMMENT ON COLUMN metrics.name_vi IS 'Name in Vietnamese';
COMMENT ON COLUMN metrics.name_en IS 'Name in English';
COMMENT ON COLUMN metrics.unit_vi IS 'Unit of readings.value, as Vietnamese writes it';
COMMENT ON COLUMN metrics.unit_en IS 'Unit of readings.value, as English writes it';
COMMENT ON COLUMN metrics.least IS 'The least that a working sensor can say, in the unit';
COMMENT ON COLUMN metrics.most IS 'The most that a working sensor can say, in the unit';
