-- Until when accounts are added up, by whom not yet, how often they have not added up; and what was counted
-- in the time asked for, of earlier hours: how many values, and the first of these hours.
SELECT
    (
        SELECT CASE WHEN count(*) = count(accounts_said.said) THEN min(accounts_said.said) END
        FROM accounts_said
    ),
    (
        SELECT coalesce(array_agg(DISTINCT accounts_said.stage ORDER BY accounts_said.stage), '{}')
        FROM accounts_said WHERE accounts_said.said IS NULL
    ),
    (
        SELECT coalesce(sum((positions.counts ->> 'unaccounted')::bigint), 0)::bigint
        FROM positions WHERE positions.consumer = 'writer'
    ),
    coalesce(earlier.number, 0)::bigint,
    earlier.first
FROM (
    SELECT sum(accounts.number) AS number, min(accounts.time) AS first
    FROM accounts
    WHERE accounts.counted >= %(since)s::timestamptz
      AND accounts.time < date_trunc('hour', %(since)s::timestamptz)
      AND (%(sources)s::text[] IS NULL OR accounts.source = ANY(%(sources)s))
) AS earlier
