-- Ids of the sources that are in some wards, those too that have been removed.
SELECT id FROM assets WHERE ward = ANY(%(area)s) ORDER BY id
