-- Drops originals of frames that were taken before a time.
UPDATE pictures SET original = NULL WHERE taken < %(before)s AND original IS NOT NULL
