-- What sensors measured in a stretch of time, in its order; with units, where the source and its feed are known.
SELECT readings.time, readings.source, readings.metric, readings.value, metrics.unit,
    readings.anomaly_score, readings.late, readings.origin, readings.model, readings.gateway,
    readings.device_time
FROM readings
LEFT JOIN assets ON assets.id = readings.source
LEFT JOIN metrics ON metrics.feed = assets.feed AND metrics.id = readings.metric
WHERE readings.time >= %(since)s
  AND (%(until)s::timestamptz IS NULL OR readings.time < %(until)s)
  AND (%(sources)s::text[] IS NULL OR readings.source = ANY(%(sources)s))
  AND (%(metrics)s::text[] IS NULL OR readings.metric = ANY(%(metrics)s))
  AND (%(origins)s::text[] IS NULL OR readings.origin = ANY(%(origins)s))
  AND readings.value IS NOT NULL -- an earlier release stored that nothing was measured
ORDER BY readings.time, readings.source, readings.metric
LIMIT %(limit)s
