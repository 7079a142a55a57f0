-- What detectors saw: a row per frame looked at, also where nothing was seen, and a row per box.
CREATE TABLE frames (
    time timestamptz NOT NULL,
    camera text NOT NULL,
    sequence bigint NOT NULL,
    boxes integer NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    late boolean NOT NULL,
    origin text NOT NULL,
    model text NOT NULL,
    frame_partition integer NOT NULL,
    frame_offset bigint NOT NULL,
    frame_sha256 bytea NOT NULL
);
SELECT create_hypertable(
    'frames', 'time',
    chunk_time_interval => INTERVAL '1 day', create_default_indexes => FALSE
);
CREATE INDEX frames_time ON frames USING brin (time);

COMMENT ON TABLE frames IS 'Frames a detector looked at: one row per frame';
COMMENT ON COLUMN frames.time IS 'Event time of the picture (UTC)';
COMMENT ON COLUMN frames.camera IS 'Id of the camera';
COMMENT ON COLUMN frames.sequence IS 'Number of the frame, as its camera counts';
COMMENT ON COLUMN frames.boxes IS 'Things seen in it (number of rows in detections)';
COMMENT ON COLUMN frames.width IS 'Width of the picture (pixels)';
COMMENT ON COLUMN frames.height IS 'Height of the picture (pixels)';
COMMENT ON COLUMN frames.late IS
    'True: it came after the allowed lateness, and no decision rests on it';
COMMENT ON COLUMN frames.origin IS 'live, recorded, simulated or replayed';
COMMENT ON COLUMN frames.model IS 'Detector that looked at it, name@version';
COMMENT ON COLUMN frames.frame_partition IS 'Partition of the frames topic that holds the picture';
COMMENT ON COLUMN frames.frame_offset IS 'Offset of the picture in that partition';
COMMENT ON COLUMN frames.frame_sha256 IS 'SHA-256 of the JPEG (32 bytes)';

CREATE TABLE detections (
    time timestamptz NOT NULL,
    camera text NOT NULL,
    label text NOT NULL,
    score real NOT NULL,
    x0 real NOT NULL,
    y0 real NOT NULL,
    x1 real NOT NULL,
    y1 real NOT NULL,
    late boolean NOT NULL,
    origin text NOT NULL,
    model text NOT NULL,
    frame_partition integer NOT NULL,
    frame_offset bigint NOT NULL
);
SELECT create_hypertable(
    'detections', 'time',
    chunk_time_interval => INTERVAL '1 day', create_default_indexes => FALSE
);
CREATE INDEX detections_time ON detections USING brin (time);

COMMENT ON TABLE detections IS 'What a detector saw: one row per box';
COMMENT ON COLUMN detections.time IS 'Event time of the picture (UTC)';
COMMENT ON COLUMN detections.camera IS 'Id of the camera';
COMMENT ON COLUMN detections.label IS 'What it is: person, two-wheeler, car, bus or truck';
COMMENT ON COLUMN detections.score IS 'How sure the detector was, 0 to 1';
COMMENT ON COLUMN detections.x0 IS 'Left edge of the box (pixels from the left)';
COMMENT ON COLUMN detections.y0 IS 'Top edge of the box (pixels from the top)';
COMMENT ON COLUMN detections.x1 IS 'Right edge of the box (pixels from the left)';
COMMENT ON COLUMN detections.y1 IS 'Bottom edge of the box (pixels from the top)';
COMMENT ON COLUMN detections.late IS
    'True: it came after the allowed lateness, and no decision rests on it';
COMMENT ON COLUMN detections.origin IS 'live, recorded, simulated or replayed';
COMMENT ON COLUMN detections.model IS 'Detector that saw it, name@version';
COMMENT ON COLUMN detections.frame_partition IS
    'Partition of the frames topic that holds the picture';
COMMENT ON COLUMN detections.frame_offset IS 'Offset of the picture in that partition';
