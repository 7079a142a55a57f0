-- Keeps a frame as it was sealed anew.
UPDATE pictures SET original = %(original)s, masked = %(masked)s
WHERE source = %(source)s AND taken = %(taken)s AND sha256 = %(sha256)s
