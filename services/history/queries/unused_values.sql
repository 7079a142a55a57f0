-- Of which sources much was not used in the last day, what became of it and why; the largest share first.
-- What comes again is in no share: it was used when it came first.
-- Events of cases that come late count all the same (late_counted), as when a system that starts says what is open, and are in the share as used.
WITH clock AS (
    SELECT max(newest) AS now
    FROM positions
),
tellers AS (
    SELECT DISTINCT case_hours.source
    FROM case_hours, clock
    WHERE case_hours.time > clock.now - INTERVAL '7 days'
),
fates AS (
    SELECT
        accounts_by_hour.source,
        sum(accounts_by_hour.came)::bigint AS came,
        sum(accounts_by_hour.accepted)::bigint AS accepted,
        sum(accounts_by_hour.late) FILTER (WHERE tellers.source IS NULL)::bigint AS late,
        sum(accounts_by_hour.late) FILTER (WHERE tellers.source IS NOT NULL)::bigint AS late_counted,
        sum(accounts_by_hour.repeated)::bigint AS repeated,
        sum(accounts_by_hour.refused)::bigint AS refused,
        sum(accounts_by_hour.shed)::bigint AS shed,
        sum(accounts_by_hour.not_judged)::bigint AS not_judged
    FROM accounts_by_hour
    CROSS JOIN clock
    LEFT JOIN tellers ON tellers.source = accounts_by_hour.source
    WHERE accounts_by_hour.hour > clock.now - INTERVAL '1 day'
    GROUP BY accounts_by_hour.source
),
shares AS (
    SELECT
        fates.*,
        fates.came - fates.repeated AS told,
        fates.came - fates.repeated - fates.accepted - coalesce(fates.late_counted, 0) AS unused
    FROM fates
)
SELECT
    shares.source,
    assets.name_vi AS source_vi,
    assets.name_en AS source_en,
    shares.came,
    coalesce(shares.late, 0) AS late,
    coalesce(shares.late_counted, 0) AS late_counted,
    shares.repeated,
    shares.refused,
    shares.shed,
    shares.not_judged,
    round(shares.unused::numeric / nullif(shares.told, 0), 3) AS unused_share
FROM shares
LEFT JOIN assets ON assets.id = shares.source
WHERE shares.unused > 0
ORDER BY unused_share DESC, shares.source;
