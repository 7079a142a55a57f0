-- What the city's indicators come to.
CREATE TABLE indicators (
    time timestamptz NOT NULL,
    indicator text NOT NULL,
    origin text NOT NULL,
    end_time timestamptz NOT NULL,
    computed_at timestamptz NOT NULL,
    state text NOT NULL,
    revision int4 NOT NULL,
    numerator int8 NOT NULL,
    denominator int8 NOT NULL,
    readings int8 NOT NULL,
    unplaced int8 NOT NULL,
    value float8,
    low float8,
    high float8
);
SELECT create_hypertable(
    'indicators', 'time',
    chunk_time_interval => INTERVAL '7 days', create_default_indexes => FALSE
);
CREATE INDEX indicators_of ON indicators (indicator, origin, time DESC, computed_at DESC);
