-- A frame, byte for byte.
SELECT jpeg FROM evidence WHERE sha256 = %(sha256)s
