-- Adds up an hour of each camera, and what was usual at that hour of days of its kind before.
WITH fresh AS (
    SELECT
        frames.camera,
        frames.model,
        frames.origin,
        count(*) AS frames,
        count(*) FILTER (WHERE coalesce(frames.verdict, 'good') = 'good') AS good,
        count(*) FILTER (WHERE coalesce(frames.verdict, 'good') = 'good' AND frames.as_of IS NULL)
            AS looked,
        count(*) FILTER (WHERE frames.verdict = 'damaged') AS damaged,
        count(*) FILTER (WHERE frames.verdict = 'frozen') AS frozen,
        count(*) FILTER (WHERE frames.verdict = 'dark') AS dark,
        count(*) FILTER (WHERE frames.verdict = 'covered') AS covered,
        count(*) FILTER (WHERE frames.verdict = 'blinded') AS blinded,
        count(*) FILTER (WHERE frames.verdict = 'moved') AS moved,
        coalesce(sum(frames.boxes), 0) AS boxes
    FROM frames
    WHERE frames.time >= %(hour)s
      AND frames.time < %(hour)s::timestamptz + INTERVAL '1 hour'
      AND NOT frames.late
    GROUP BY frames.camera, frames.model, frames.origin
),
scored AS (
    SELECT
        detections.camera,
        detections.model,
        detections.origin,
        percentile_disc(ARRAY[0.1, 0.5, 0.9]) WITHIN GROUP (ORDER BY detections.score) AS scores
    FROM detections
    WHERE detections.time >= %(hour)s
      AND detections.time < %(hour)s::timestamptz + INTERVAL '1 hour'
      AND NOT detections.late
    GROUP BY detections.camera, detections.model, detections.origin
),
past AS (
    SELECT
        camera_hours.camera,
        camera_hours.model,
        camera_hours.origin,
        CASE WHEN camera_hours.looked >= %(pictures)s
            THEN camera_hours.boxes::float8 / camera_hours.looked END AS boxes,
        CASE WHEN camera_hours.boxes >= %(pictures)s THEN camera_hours.score_middle::float8 END
            AS score,
        1 - camera_hours.good::float8 / camera_hours.frames AS bad
    FROM camera_hours
    WHERE camera_hours.time >= %(hour)s::timestamptz - INTERVAL '31 days'
      AND camera_hours.time < %(hour)s::timestamptz - INTERVAL '47 hours'
      AND camera_hours.frames >= %(pictures)s
      AND extract(hour FROM camera_hours.time AT TIME ZONE %(zone)s)
        = extract(hour FROM %(hour)s::timestamptz AT TIME ZONE %(zone)s)
      AND (extract(isodow FROM camera_hours.time AT TIME ZONE %(zone)s) >= 6)
        = (extract(isodow FROM %(hour)s::timestamptz AT TIME ZONE %(zone)s) >= 6)
),
usual AS (
    SELECT
        past.camera,
        past.model,
        past.origin,
        count(*) AS days,
        CASE WHEN count(past.boxes) >= %(days)s
            THEN percentile_cont(0.5) WITHIN GROUP (ORDER BY past.boxes) END AS boxes,
        CASE WHEN count(past.score) >= %(days)s
            THEN percentile_cont(0.5) WITHIN GROUP (ORDER BY past.score) END AS score,
        CASE WHEN count(*) >= %(days)s
            THEN percentile_cont(0.5) WITHIN GROUP (ORDER BY past.bad) END AS bad
    FROM past
    GROUP BY past.camera, past.model, past.origin
),
spread AS (
    SELECT
        past.camera,
        past.model,
        past.origin,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(past.boxes - usual.boxes)) AS boxes,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(past.score - usual.score)) AS score,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(past.bad - usual.bad)) AS bad
    FROM past
    INNER JOIN usual USING (camera, model, origin)
    GROUP BY past.camera, past.model, past.origin
)
INSERT INTO camera_hours (
    time, camera, model, origin, frames, good, looked, damaged, frozen, dark, covered, blinded, moved,
    boxes, score_low, score_middle, score_high, days, usual_boxes, spread_boxes, usual_score, spread_score,
    usual_bad, spread_bad
)
SELECT
    %(hour)s,
    fresh.camera,
    fresh.model,
    fresh.origin,
    fresh.frames,
    fresh.good,
    fresh.looked,
    fresh.damaged,
    fresh.frozen,
    fresh.dark,
    fresh.covered,
    fresh.blinded,
    fresh.moved,
    fresh.boxes,
    scored.scores[1],
    scored.scores[2],
    scored.scores[3],
    coalesce(usual.days, 0),
    usual.boxes,
    spread.boxes,
    usual.score,
    spread.score,
    usual.bad,
    spread.bad
FROM fresh
LEFT JOIN scored USING (camera, model, origin)
LEFT JOIN usual USING (camera, model, origin)
LEFT JOIN spread USING (camera, model, origin)
