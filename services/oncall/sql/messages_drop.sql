-- What was told long ago, and is done with, leaves with what became of it.
SELECT drop_old_messages(%(before)s)
