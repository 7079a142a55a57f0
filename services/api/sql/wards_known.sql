-- Wards in which there are sources, or to which somebody is limited, in order of their names, and how many
-- sources are in each.
SELECT ward, count(id)
FROM (
    SELECT ward, id FROM assets WHERE ward IS NOT NULL AND removed_at IS NULL
    UNION ALL
    SELECT ward, NULL FROM named_wards
) AS known
GROUP BY ward
ORDER BY ward
