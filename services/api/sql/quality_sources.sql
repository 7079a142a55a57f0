-- The last hour of each source that is said.
SELECT DISTINCT ON (source) source, feed, origin, time, expected, arrived, refused, unclean, late
FROM source_hours
WHERE time >= %(since)s
  AND (%(feeds)s::text[] IS NULL OR feed = ANY(%(feeds)s))
  AND (%(sources)s::text[] IS NULL OR source = ANY(%(sources)s))
ORDER BY source, time DESC
