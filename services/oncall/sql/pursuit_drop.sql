-- An alert is on its way no more.
DELETE FROM pursuits WHERE alert = %(alert)s AND policy = %(policy)s
