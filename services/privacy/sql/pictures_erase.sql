-- Drops a camera's frames of a stretch of time.
DELETE FROM pictures WHERE source = %(source)s AND taken >= %(after)s AND taken < %(until)s
