-- Nobody is told in a browser any more.
DELETE FROM push_devices WHERE browser = %(browser)s
