-- What feeds delivered in each hour, of the sources that who asks may see.
SELECT feed, origin, time,
    count(*)::int8,
    sum(expected)::int8,
    sum(least(arrived, expected)) FILTER (WHERE expected > 0)::int8,
    sum(arrived)::int8,
    sum(refused)::int8,
    sum(unclean)::int8,
    sum(late)::int8
FROM source_hours
WHERE time >= %(since)s
  AND (%(feeds)s::text[] IS NULL OR feed = ANY(%(feeds)s))
  AND (%(sources)s::text[] IS NULL OR source = ANY(%(sources)s))
GROUP BY feed, origin, time
ORDER BY feed, origin, time
