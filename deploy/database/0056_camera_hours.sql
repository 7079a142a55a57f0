-- What each camera saw in each hour, and what had been usual at that hour of other days.
CREATE TABLE camera_hours (
    time timestamptz NOT NULL,
    camera text NOT NULL,
    model text NOT NULL,
    origin text NOT NULL,
    frames bigint NOT NULL,
    good bigint NOT NULL,
    looked bigint NOT NULL,
    damaged bigint NOT NULL,
    frozen bigint NOT NULL,
    dark bigint NOT NULL,
    covered bigint NOT NULL,
    blinded bigint NOT NULL,
    moved bigint NOT NULL,
    boxes bigint NOT NULL,
    score_low real,
    score_middle real,
    score_high real,
    days integer NOT NULL,
    usual_boxes double precision,
    spread_boxes double precision,
    usual_score double precision,
    spread_score double precision,
    usual_bad double precision,
    spread_bad double precision
);
SELECT create_hypertable(
    'camera_hours', 'time',
    chunk_time_interval => INTERVAL '7 days', create_default_indexes => FALSE
);
CREATE UNIQUE INDEX camera_hours_time ON camera_hours (time, camera, model, origin);
