-- What holds of each camera now, as it was said last; nothing of who has not been told of for long.
SELECT DISTINCT ON (camera) camera, apart, reason, since
FROM sight
WHERE told > (SELECT max(newest) FROM positions) - INTERVAL '130 minutes'
ORDER BY camera, told DESC, time DESC
