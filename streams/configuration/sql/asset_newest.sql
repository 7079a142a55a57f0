-- The change of control_log that the assets are as of; 0: none yet.
SELECT coalesce(max(sequence), 0) FROM assets
