-- Of which alerts the next step is due.
SELECT body::text FROM pursuits WHERE due <= %(time)s ORDER BY alert, policy
