-- A frame, as it is kept.
SELECT origin, seen::text, original, masked, masked_whole
FROM pictures
WHERE source = %(source)s AND taken = %(taken)s AND sha256 = %(sha256)s
