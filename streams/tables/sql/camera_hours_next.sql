-- The first hour with pictures that is over, and not added up yet; null where there is none.
SELECT date_trunc('hour', min(frames.time))
FROM frames
WHERE frames.time >= coalesce(
    (SELECT max(camera_hours.time) + INTERVAL '1 hour' FROM camera_hours), '-infinity'
)
  AND frames.time < date_trunc(
    'hour', (SELECT max(positions.newest) FROM positions) - INTERVAL '10 minutes'
  )
