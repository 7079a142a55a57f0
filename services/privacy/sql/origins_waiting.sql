-- Of which origins frames wait to be masked.
SELECT DISTINCT origin FROM pictures WHERE masked IS NULL AND original IS NOT NULL
