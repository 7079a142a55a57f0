-- Which alerts are on their way through a policy.
SELECT body::text FROM pursuits WHERE policy = %(policy)s ORDER BY alert
