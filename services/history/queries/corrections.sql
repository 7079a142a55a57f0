-- Which readings were corrected in the last day, from what to what, and how long after; the latest first.
-- What was decided with the old value stands; readings has the new one.
SELECT
    corrections.decided_at,
    corrections.source,
    assets.name_vi AS source_vi,
    assets.name_en AS source_en,
    corrections.metric,
    corrections.time,
    corrections.old,
    corrections.new,
    units.name_vi AS unit_vi,
    units.name_en AS unit_en,
    corrections.decided_at - corrections.time AS after,
    corrections.gateway,
    corrections.origin
FROM corrections
LEFT JOIN assets ON assets.id = corrections.source
LEFT JOIN metrics ON metrics.feed = assets.feed AND metrics.id = corrections.metric
LEFT JOIN units ON units.id = metrics.unit
WHERE corrections.decided_at > (SELECT max(newest) FROM positions) - INTERVAL '1 day'
ORDER BY corrections.decided_at DESC, corrections.source, corrections.metric, corrections.time;
