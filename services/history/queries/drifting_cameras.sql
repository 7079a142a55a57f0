-- Which cameras see other things than at the same hour of other days, in what, and since when; of those that do not, whether that is known.
-- Compared are the hours of the last two days with days of their kind (Monday to Friday, or the weekend), by the median.
-- An hour deviates beyond five times their usual spread, and by so much that it matters. Where most cameras deviate alike, it is the city.
-- A camera drifts when nearly all of its hours deviate one way over a whole day: a quiet holiday is none.
WITH clock AS (
    SELECT max(newest) AS now
    FROM positions
),
measured AS (
    SELECT
        camera_hours.time,
        camera_hours.camera,
        one.usual IS NOT NULL AS is_known,
        one.measure,
        one.value,
        one.usual,
        CASE WHEN abs(one.value - one.usual) > greatest(one.least, 5 * 1.4826 * one.spread)
            THEN sign(one.value - one.usual) ELSE 0 END AS way
    FROM clock
    INNER JOIN camera_hours
        ON camera_hours.time > clock.now - INTERVAL '50 hours' AND camera_hours.time <= clock.now
    CROSS JOIN LATERAL (
        VALUES
        (
            'things',
            CASE WHEN camera_hours.looked >= 30
                THEN camera_hours.boxes::float8 / camera_hours.looked END,
            camera_hours.usual_boxes,
            camera_hours.spread_boxes,
            greatest(0.3, camera_hours.usual_boxes / 2)
        ),
        (
            'score',
            CASE WHEN camera_hours.boxes >= 30 THEN camera_hours.score_middle::float8 END,
            camera_hours.usual_score,
            camera_hours.spread_score,
            0.1
        ),
        (
            'bad',
            CASE WHEN camera_hours.frames >= 30
                THEN 1 - camera_hours.good::float8 / camera_hours.frames END,
            camera_hours.usual_bad,
            camera_hours.spread_bad,
            0.1
        )
    ) AS one (measure, value, usual, spread, least)
    -- Where next to nothing is usual and next to nothing is found, nobody can tell.
    WHERE one.value IS NOT NULL
      AND (one.measure <> 'things' OR one.value >= 0.6 OR one.usual >= 0.6)
),
city AS (
    SELECT
        time,
        measure,
        count(*) FILTER (WHERE way > 0) AS more,
        count(*) FILTER (WHERE way < 0) AS fewer,
        count(*) AS cameras
    FROM measured
    WHERE is_known
    GROUP BY time, measure
),
judged AS (
    SELECT
        measured.*,
        CASE
            WHEN city.cameras >= 3
                AND 2 * (CASE WHEN measured.way > 0 THEN city.more ELSE city.fewer END)
                    > city.cameras
                THEN 0
            ELSE measured.way
        END AS own_way
    FROM measured
    LEFT JOIN city USING (time, measure)
),
ways AS (
    SELECT
        camera,
        measure,
        count(*) FILTER (WHERE is_known) AS known,
        count(*) FILTER (WHERE is_known AND own_way > 0) AS more,
        count(*) FILTER (WHERE is_known AND own_way < 0) AS fewer,
        min(time) FILTER (WHERE is_known AND own_way <> 0) AS since,
        max(time) FILTER (WHERE is_known AND own_way <> 0) AS latest,
        max(time) AS hour
    FROM judged
    GROUP BY camera, measure
)
SELECT
    ways.camera AS source,
    assets.name_vi AS source_vi,
    assets.name_en AS source_en,
    ways.measure,
    CASE
        WHEN ways.known < 6 THEN 'not known yet'
        WHEN greatest(ways.more, ways.fewer) >= greatest(6, 0.75 * ways.known)
            AND ways.latest - ways.since >= INTERVAL '23 hours'
            AND ways.latest >= ways.hour - INTERVAL '2 hours'
            THEN 'drifts'
        ELSE 'as usual'
    END AS state,
    ways.since,
    round(judged.value::numeric, 2) AS found,
    round(judged.usual::numeric, 2) AS usual,
    ways.hour
FROM ways
INNER JOIN judged
    ON judged.camera = ways.camera
        AND judged.measure = ways.measure
        AND judged.time = coalesce(ways.latest, ways.hour)
LEFT JOIN assets ON assets.id = ways.camera
ORDER BY ways.camera, ways.measure;
