-- What sensors measured. No index by source: it would halve the rate at which rows come in.
-- A block-range index on time costs next to nothing, as rows come in nearly sorted.
CREATE TABLE readings (
    time timestamptz NOT NULL,
    source text NOT NULL,
    metric text NOT NULL,
    value double precision,
    anomaly_score real,
    late boolean NOT NULL,
    origin text NOT NULL,
    model text NOT NULL,
    gateway text NOT NULL
);
SELECT create_hypertable(
    'readings', 'time',
    chunk_time_interval => INTERVAL '1 day', create_default_indexes => FALSE
);
CREATE INDEX readings_time ON readings USING brin (time);

COMMENT ON TABLE readings IS 'What sensors measured: one row per source, time and metric';
COMMENT ON COLUMN readings.time IS 'Event time of the measurement (UTC)';
COMMENT ON COLUMN readings.source IS 'Id of the sensor';
COMMENT ON COLUMN readings.metric IS
    'What was measured, with its unit: flow (vehicles/h), occupancy (%), speed (km/h)';
COMMENT ON COLUMN readings.value IS 'The measurement, in the metric''s unit; null: not measured';
COMMENT ON COLUMN readings.anomaly_score IS
    'How unusual the reading was, all its metrics together, 0 to 1; null: not scored';
COMMENT ON COLUMN readings.late IS
    'True: it came after the allowed lateness, and no decision rests on it';
COMMENT ON COLUMN readings.origin IS 'live, recorded, simulated or replayed';
COMMENT ON COLUMN readings.model IS 'Model that gave the score, name@version';
COMMENT ON COLUMN readings.gateway IS 'Id of the gateway that delivered it';
