-- How many of what a camera saw, per minute.
CREATE TABLE counts (
    time timestamptz NOT NULL,
    camera text NOT NULL,
    zone text NOT NULL,
    label text NOT NULL,
    tracks integer NOT NULL,
    peak integer NOT NULL,
    period interval NOT NULL,
    origin text NOT NULL
);
SELECT create_hypertable(
    'counts', 'time',
    chunk_time_interval => INTERVAL '7 days', create_default_indexes => FALSE
);
CREATE INDEX counts_time ON counts USING brin (time);

COMMENT ON TABLE counts IS
    'How many a camera saw: one row per camera, zone, class and minute, none where nothing was '
    'seen; two where zones changed in mid-minute: add tracks, take the higher peak';
COMMENT ON COLUMN counts.time IS 'Start of the period, event time (UTC)';
COMMENT ON COLUMN counts.camera IS 'Id of the camera';
COMMENT ON COLUMN counts.zone IS 'Id of the zone; empty: the whole picture';
COMMENT ON COLUMN counts.label IS 'What was counted: person, two-wheeler, car, bus or truck';
COMMENT ON COLUMN counts.tracks IS 'Different ones seen in the period (number of)';
COMMENT ON COLUMN counts.peak IS 'Most of them at once (number of)';
COMMENT ON COLUMN counts.period IS 'Length of the period (interval), a minute';
COMMENT ON COLUMN counts.origin IS 'live, recorded, simulated or replayed';
