-- Moves a position on, unless another process has moved it: then no row is updated.
UPDATE positions
SET next_offset = %(next_offset)s,
    marks = %(marks)s,
    counts = %(counts)s,
    agreements = %(agreements)s,
    newest = %(newest)s,
    announced = %(announced)s,
    moved_at = now()
WHERE consumer = %(consumer)s
  AND topic = %(topic)s
  AND partition = %(partition)s
  AND next_offset = %(before)s
