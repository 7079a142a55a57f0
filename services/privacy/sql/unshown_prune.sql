-- Drops frames of which there is nothing left that anybody may see.
DELETE FROM pictures WHERE original IS NULL AND masked IS NULL
