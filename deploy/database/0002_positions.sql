-- Where each consumer stands in each partition, moved in the transaction of its rows.
CREATE TABLE positions (
    consumer text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL DEFAULT 0,
    marks jsonb NOT NULL DEFAULT '[]',
    counts jsonb NOT NULL DEFAULT '{}',
    newest timestamptz,
    moved_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, topic, partition)
) WITH (fillfactor = 50); -- many updates of few rows: room for them on the same page

COMMENT ON TABLE positions IS 'Where each consumer stands in each partition of the log';
COMMENT ON COLUMN positions.consumer IS 'Name of the part that reads, e.g. writer';
COMMENT ON COLUMN positions.topic IS 'Logical topic, without the namespace';
COMMENT ON COLUMN positions.partition IS 'Partition of the topic, from 0';
COMMENT ON COLUMN positions.next_offset IS 'Offset of the next message to take';
COMMENT ON COLUMN positions.marks IS
    'Highest mark taken per upstream: rows of [stage, topic, partition, offset, index]';
COMMENT ON COLUMN positions.counts IS
    'Messages and rows since the namespace was made, by name (number of)';
COMMENT ON COLUMN positions.newest IS
    'Event time that the partition''s ticks have reached (UTC); null: none seen';
COMMENT ON COLUMN positions.moved_at IS 'Wall-clock time of the last move (UTC)';
