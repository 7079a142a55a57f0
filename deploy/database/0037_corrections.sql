-- What readings said before they were corrected.
CREATE TABLE corrections (
    time timestamptz NOT NULL,
    source text NOT NULL,
    metric text NOT NULL,
    old double precision NOT NULL,
    new double precision NOT NULL,
    decided_at timestamptz NOT NULL,
    origin text NOT NULL,
    gateway text NOT NULL
);
SELECT create_hypertable(
    'corrections', 'time',
    chunk_time_interval => INTERVAL '7 days', create_default_indexes => FALSE
);
CREATE INDEX corrections_time ON corrections USING brin (time);

-- Late rows are looked for before they are stored: among the late ones, which are few, by an index;
-- among the others by their time. Late ones would widen what a block of rows is said to span.
CREATE INDEX readings_late ON readings (source, metric, time) WHERE late;
CREATE INDEX readings_in_time ON readings USING brin (time) WITH (autosummarize = on) WHERE NOT late;
