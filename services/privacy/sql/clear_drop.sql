-- Lets go of what an earlier release kept in the clear.
DELETE FROM evidence WHERE sha256 = ANY(%(sha256s)s)
