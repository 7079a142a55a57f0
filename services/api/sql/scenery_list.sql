-- What is scenery now, as cameras have said last, in order of cameras and places.
WITH newest AS (
    SELECT DISTINCT ON (camera, id) *
    FROM scenery
    WHERE origin <> 'replayed' AND (%(sources)s::text[] IS NULL OR camera = ANY(%(sources)s))
    ORDER BY camera, id, time DESC
)
SELECT camera, id, label, x0, y0, x1, y1, width, height, since, model
FROM newest known
WHERE learned
  AND NOT EXISTS (
    SELECT FROM newest forgotten
    WHERE forgotten.camera = known.camera AND forgotten.id = '' AND forgotten.time >= known.time
  )
ORDER BY camera, since, id
