-- How many frames are kept, of how many the original, how many wait to be masked, since when.
SELECT count(*), count(original), count(*) FILTER (WHERE masked IS NULL), min(taken)
FROM pictures
