-- Drops frames that were taken before a time.
DELETE FROM pictures WHERE taken < %(before)s
