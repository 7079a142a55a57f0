-- Until when accounts are added up, and how often they did not add up since.
SELECT
    (SELECT max(accounts.counted) FROM accounts),
    (
        SELECT count(DISTINCT incidents.id) FROM incidents
        WHERE incidents.kind = 'accounts_differ'
          AND (%(since)s::timestamptz IS NULL OR incidents.decided_at >= %(since)s)
          AND (%(until)s::timestamptz IS NULL OR incidents.decided_at < %(until)s)
    )
