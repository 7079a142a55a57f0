-- Series of imported values of which some are not scored.
SELECT DISTINCT source, metric FROM imported_readings WHERE score IS NULL ORDER BY 1, 2
