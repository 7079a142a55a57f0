-- What sensors measured in the last hour, a row per reading, with names, unit and what a working sensor can say.
-- A metric is that of its source's feed; what nobody has announced or declared has no names.
SELECT
    readings.time,
    readings.source,
    assets.name_vi AS source_vi,
    assets.name_en AS source_en,
    readings.metric,
    metrics.name_vi AS metric_vi,
    metrics.name_en AS metric_en,
    readings.value,
    units.name_vi AS unit_vi,
    units.name_en AS unit_en,
    metrics.least,
    metrics.most,
    readings.origin
FROM readings
LEFT JOIN assets ON assets.id = readings.source
LEFT JOIN metrics ON metrics.feed = assets.feed AND metrics.id = readings.metric
LEFT JOIN units ON units.id = metrics.unit
WHERE readings.time > (SELECT max(newest) FROM positions) - INTERVAL '1 hour'
  AND readings.value IS NOT NULL -- an earlier release stored that nothing was measured
ORDER BY readings.time, readings.source, readings.metric;
