-- A consumer's place in a partition it has never read: the log's first offset ever.
INSERT INTO positions (consumer, topic, partition)
VALUES (%(consumer)s, %(topic)s, %(partition)s)
ON CONFLICT DO NOTHING
