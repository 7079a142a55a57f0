-- The last hour that is said, but by a source whose clock is ahead: else that one would hide all.
SELECT max(time) FROM source_hours WHERE time <= %(now)s
