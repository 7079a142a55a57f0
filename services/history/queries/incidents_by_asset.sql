-- Which cameras and sensors proved how many incidents, by kind, with their names; the most first.
-- What became part of another incident counts there only.
SELECT
    assets.id AS asset,
    assets.type,
    assets.name_vi,
    assets.name_en,
    assets.segment,
    coalesce(kinds.id, incidents_latest.kind) AS kind,
    incidents_latest.origin,
    count(*) AS incidents
FROM incidents_latest
CROSS JOIN unnest(incidents_latest.sources) AS proven (source)
JOIN assets ON assets.id = proven.source
LEFT JOIN kinds
    ON kinds.id = incidents_latest.kind OR incidents_latest.kind = ANY (kinds.formerly)
WHERE incidents_latest.part_of IS NULL
GROUP BY
    assets.id, assets.type, assets.name_vi, assets.name_en, assets.segment,
    coalesce(kinds.id, incidents_latest.kind), incidents_latest.origin
ORDER BY incidents DESC, asset, kind, incidents_latest.origin;
