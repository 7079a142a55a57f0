-- Values that were refused one by one; no row of readings is without a value any more.
CREATE TABLE quality (
    time timestamptz NOT NULL,
    source text NOT NULL,
    metric text NOT NULL,
    value double precision,
    reason text NOT NULL,
    late boolean NOT NULL,
    origin text NOT NULL,
    gateway text NOT NULL
);
SELECT create_hypertable(
    'quality', 'time',
    chunk_time_interval => INTERVAL '7 days', create_default_indexes => FALSE
);
CREATE INDEX quality_time ON quality (time);
