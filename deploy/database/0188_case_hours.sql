-- What became of cases that are told of one by one.
CREATE TABLE case_hours (
    time timestamptz NOT NULL,
    source text NOT NULL,
    feed text NOT NULL,
    gateway text NOT NULL,
    origin text NOT NULL,
    procedure int4 NOT NULL,
    begun int4 NOT NULL,
    forwarded int4 NOT NULL,
    ended int4 NOT NULL,
    in_time int4 NOT NULL,
    said timestamptz NOT NULL
);
SELECT create_hypertable(
    'case_hours', 'time',
    chunk_time_interval => INTERVAL '7 days', create_default_indexes => FALSE
);
CREATE INDEX case_hours_time ON case_hours (time DESC, feed);
