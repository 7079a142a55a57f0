-- Forgets what was sent long ago.
DELETE FROM source_key_usage WHERE day < current_date - 90
