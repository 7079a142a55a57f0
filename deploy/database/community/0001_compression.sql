-- Community edition only: chunks past any allowed lateness are compressed by the server itself.
ALTER TABLE readings SET (
    timescaledb.compress,
    timescaledb.compress_segmentby = 'source, metric',
    timescaledb.compress_orderby = 'time'
);
ALTER TABLE frames SET (
    timescaledb.compress,
    timescaledb.compress_segmentby = 'camera',
    timescaledb.compress_orderby = 'time'
);
ALTER TABLE detections SET (
    timescaledb.compress,
    timescaledb.compress_segmentby = 'camera',
    timescaledb.compress_orderby = 'time'
);
SELECT add_compression_policy('readings', INTERVAL '3 days');
SELECT add_compression_policy('frames', INTERVAL '3 days');
SELECT add_compression_policy('detections', INTERVAL '3 days');
