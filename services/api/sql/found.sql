-- A page of what words find, in order, with the counts by state: each that matches is looked at once
-- (``services/api/listing.py``). Without a page one row, of nulls and the counts.
SELECT
    page.id,
    (SELECT body::text FROM alerts WHERE alerts.id = page.id),
    (SELECT json_object_agg(state, count)::text FROM counts)
FROM (SELECT 1) AS one
LEFT JOIN (SELECT id, row_number() OVER () AS place FROM page) AS page ON true
ORDER BY page.place
