-- What was sent by each key on a day.
SELECT key_id, readings, refused FROM source_key_usage WHERE day = %(day)s
