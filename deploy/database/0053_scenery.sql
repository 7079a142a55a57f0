-- What cameras have learned of their pictures as scenery.
CREATE TABLE scenery (
    time timestamptz NOT NULL,
    camera text NOT NULL,
    id text NOT NULL,
    learned boolean NOT NULL,
    label text NOT NULL,
    x0 integer NOT NULL,
    y0 integer NOT NULL,
    x1 integer NOT NULL,
    y1 integer NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    since timestamptz NOT NULL,
    model text NOT NULL,
    origin text NOT NULL
);
SELECT create_hypertable(
    'scenery', 'time',
    chunk_time_interval => INTERVAL '7 days', create_default_indexes => FALSE
);
CREATE INDEX scenery_places ON scenery (camera, id, time DESC);
