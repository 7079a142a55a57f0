-- Keeps what people see of a frame.
UPDATE pictures SET masked = %(masked)s, masked_whole = %(masked_whole)s
WHERE source = %(source)s AND taken = %(taken)s AND sha256 = %(sha256)s
