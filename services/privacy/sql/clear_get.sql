-- A frame that an earlier release kept in the clear.
SELECT jpeg FROM evidence WHERE sha256 = %(sha256)s
