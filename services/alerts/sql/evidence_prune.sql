-- Drops frames stored so many days ago that no alert shows as its latest occurrence any more.
DELETE FROM evidence
WHERE stored_at < now() - make_interval(days => %(days)s)
  AND sha256 NOT IN (
    SELECT shown -> 'frame' ->> 2
    FROM alerts, jsonb_array_elements(body -> 'evidence') shown
    WHERE shown -> 'frame' ->> 2 IS NOT NULL
  )
