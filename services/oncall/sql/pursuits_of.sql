-- On which ways through policies an alert is.
SELECT body::text FROM pursuits WHERE alert = %(alert)s ORDER BY policy
