-- In how many pictures of the last hour had nothing changed, by camera, so that no detector looked; the fewest first.
SELECT
    frames.camera,
    assets.name_vi AS camera_vi,
    assets.name_en AS camera_en,
    count(*) AS pictures,
    count(frames.as_of) AS gated,
    round(count(frames.as_of)::numeric / count(*), 3) AS gated_share,
    round(avg(frames.boxes), 2) AS boxes_per_look
FROM frames
LEFT JOIN assets ON assets.id = frames.camera
WHERE frames.time > (SELECT max(newest) FROM positions) - INTERVAL '1 hour'
GROUP BY frames.camera, assets.name_vi, assets.name_en
ORDER BY gated_share, frames.camera;
