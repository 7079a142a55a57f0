-- Keeps a sealed frame; the same picture of the same moment is kept once, and none that was erased.
INSERT INTO pictures (source, taken, sha256, origin, seen, original)
SELECT %(source)s, %(taken)s, %(sha256)s, %(origin)s, %(seen)s, %(original)s
WHERE NOT EXISTS (
    SELECT FROM erasures
    WHERE source = %(source)s AND after <= %(taken)s AND until > %(taken)s
)
ON CONFLICT DO NOTHING
