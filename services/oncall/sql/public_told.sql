-- Whether the public was told of an alert, and has not heard its end.
SELECT EXISTS (SELECT FROM pursuits WHERE alert = %(alert)s AND policy LIKE 'warning/%%')
