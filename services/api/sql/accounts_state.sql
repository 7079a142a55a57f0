-- Until when accounts are added up, and how often they have not added up.
SELECT
    (SELECT max(accounts.counted) FROM accounts),
    (
        SELECT coalesce(sum((positions.counts ->> 'unaccounted')::bigint), 0)::bigint
        FROM positions WHERE positions.consumer = 'writer'
    )
