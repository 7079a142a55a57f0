-- Of which sources much was not used in the last day, what became of it and why; the largest share first.
SELECT
    accounts_by_hour.source,
    assets.name_vi AS source_vi,
    assets.name_en AS source_en,
    sum(accounts_by_hour.came)::bigint AS came,
    sum(accounts_by_hour.late)::bigint AS late,
    sum(accounts_by_hour.repeated)::bigint AS repeated,
    sum(accounts_by_hour.refused)::bigint AS refused,
    sum(accounts_by_hour.shed)::bigint AS shed,
    sum(accounts_by_hour.not_judged)::bigint AS not_judged,
    round(1 - sum(accounts_by_hour.accepted) / nullif(sum(accounts_by_hour.came), 0), 3) AS unused_share
FROM accounts_by_hour
LEFT JOIN assets ON assets.id = accounts_by_hour.source
WHERE accounts_by_hour.hour > (SELECT max(newest) FROM positions) - INTERVAL '1 day'
GROUP BY accounts_by_hour.source, assets.name_vi, assets.name_en
HAVING sum(accounts_by_hour.came) > sum(accounts_by_hour.accepted)
ORDER BY unused_share DESC, accounts_by_hour.source;
