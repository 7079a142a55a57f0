-- How near together a camera's pictures are by which anything can be judged, and what each was worth.
CREATE TABLE sight (
    time timestamptz NOT NULL,
    camera text NOT NULL,
    apart interval,
    reason text NOT NULL,
    since timestamptz NOT NULL,
    told timestamptz NOT NULL,
    origin text NOT NULL
);
SELECT create_hypertable(
    'sight', 'time',
    chunk_time_interval => INTERVAL '7 days', create_default_indexes => FALSE
);
CREATE INDEX sight_time ON sight USING brin (time) WITH (autosummarize = on);
CREATE INDEX sight_camera ON sight (camera, told DESC);

ALTER TABLE frames ADD COLUMN verdict text;
