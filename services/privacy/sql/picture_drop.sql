-- Lets go of a frame that cannot be shown to anybody.
DELETE FROM pictures
WHERE source = %(source)s AND taken = %(taken)s AND sha256 = %(sha256)s
