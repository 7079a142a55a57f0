-- Which sensors sent values that were refused in the last day, why, how many, and the last of them; the most first.
SELECT
    quality.source,
    assets.name_vi AS source_vi,
    assets.name_en AS source_en,
    quality.metric,
    quality.reason,
    quality.origin,
    count(*) AS refused,
    max(quality.time) AS last_time,
    (array_agg(quality.value ORDER BY quality.time DESC))[1] AS last_value,
    max(metrics.least) AS least,
    max(metrics.most) AS most
FROM quality
LEFT JOIN assets ON assets.id = quality.source
LEFT JOIN metrics ON metrics.feed = assets.feed AND metrics.id = quality.metric
WHERE quality.time > (SELECT max(newest) FROM positions) - INTERVAL '1 day'
GROUP BY quality.source, assets.name_vi, assets.name_en, quality.metric, quality.reason, quality.origin
ORDER BY refused DESC, quality.source, quality.metric, quality.reason, quality.origin;
