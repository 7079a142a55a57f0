-- What a channel has to remember between messages, such as a token that it was given for a day.
CREATE TABLE channel_memory (
    channel text PRIMARY KEY REFERENCES channels (name) ON DELETE CASCADE,
    sealed bytea NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
