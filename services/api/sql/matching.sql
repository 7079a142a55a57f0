-- Alerts that match: the others ask of these (``services/api/listing.py``).
SELECT *
FROM alerts
WHERE (%(states)s::text[] IS NULL OR state = ANY(%(states)s))
  AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s))
  AND (%(area)s::text[] IS NULL OR wards && %(area)s)
  AND (
    %(sources)s::text[] IS NULL
    OR (source = ANY(%(sources)s) AND (%(area)s::text[] IS NULL OR ward = ANY(%(area)s)))
  )
  AND (%(severities)s::text[] IS NULL OR severity = ANY(%(severities)s))
  AND (%(assigned)s::text[] IS NULL OR assigned_to = ANY(%(assigned)s))
  AND (%(dispositions)s::text[] IS NULL OR disposition = ANY(%(dispositions)s))
  AND (
    %(flapping_after)s::timestamptz IS NULL
    OR (resolved_at IS NULL AND flapping_since IS NOT NULL AND latest_time >= %(flapping_after)s)
  )
  AND (
    %(stale_before)s::timestamptz IS NULL
    OR (
      resolved_at IS NULL AND active AND coalesce(active_since, latest_time) < %(stale_before)s
    )
  )
  AND (%(origins)s::text[] IS NULL OR origin = ANY(%(origins)s))
  AND (%(since)s::timestamptz IS NULL OR latest_time >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR event_time < %(until)s)
  -- By these an index finds them (0187).
  AND (%(pattern_1)s::text IS NULL OR search LIKE %(pattern_1)s)
  AND (%(pattern_2)s::text IS NULL OR search LIKE %(pattern_2)s)
  AND (%(pattern_3)s::text IS NULL OR search LIKE %(pattern_3)s)
  -- Not asked at all where no word is left: with none, too, it would read every alert there is.
  AND (%(patterns)s::text[] IS NULL OR search LIKE ALL(%(patterns)s))
  -- Nobody learns by searching what another ward's source is called.
  AND (
    %(text)s::text IS NULL
    OR %(area)s::text[] IS NULL
    OR wards <@ %(area)s
    OR (length(%(text)s) >= 4 AND strpos(id, %(text)s) > 0)
  )
