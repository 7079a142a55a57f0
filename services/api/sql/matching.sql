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
  AND (
    %(text)s::text IS NULL
    OR (length(%(text)s) >= 4 AND strpos(id, %(text)s) > 0)
    -- Nobody learns by searching what another ward's source is called.
    OR (
      -- Its id comes first there, in which any short word is found.
      NOT EXISTS (
        SELECT FROM unnest(%(words)s::text[]) word
        WHERE strpos(substr(search, length(id) + 2), word) = 0
          AND NOT (length(word) >= 4 AND strpos(id, word) > 0)
      )
      AND (%(area)s::text[] IS NULL OR wards <@ %(area)s)
    )
  )
