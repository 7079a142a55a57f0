-- Until the next one: rows are looked for one by one, or all in one pass. Of what has just been stored
-- the server knows too little to choose, and chose to sort the whole chunk.
SELECT
    set_config('enable_nestloop', (%(one_by_one)s::bool)::text, true),
    set_config('enable_hashjoin', (NOT %(one_by_one)s::bool)::text, true),
    set_config('enable_bitmapscan', (NOT %(one_by_one)s::bool)::text, true),
    set_config('enable_mergejoin', 'off', true),
    set_config('enable_seqscan', 'off', true)
