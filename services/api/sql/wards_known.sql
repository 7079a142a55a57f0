-- Wards in which there are sources, in order of their names.
SELECT DISTINCT ward FROM assets WHERE ward IS NOT NULL AND removed_at IS NULL ORDER BY ward
