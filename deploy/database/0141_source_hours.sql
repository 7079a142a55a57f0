-- How well what sensors are to send has come.
CREATE TABLE source_hours (
    time timestamptz NOT NULL,
    source text NOT NULL,
    feed text NOT NULL,
    gateway text NOT NULL,
    origin text NOT NULL,
    expected int4 NOT NULL,
    arrived int4 NOT NULL,
    refused int4 NOT NULL,
    unclean int4 NOT NULL,
    late int4 NOT NULL,
    said timestamptz NOT NULL
);
SELECT create_hypertable(
    'source_hours', 'time',
    chunk_time_interval => INTERVAL '7 days', create_default_indexes => FALSE
);
CREATE INDEX source_hours_time ON source_hours (time DESC, feed);
