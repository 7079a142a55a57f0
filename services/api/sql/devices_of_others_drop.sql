-- Nobody but one is told in a browser any more.
DELETE FROM push_devices WHERE browser = %(browser)s AND user_name <> %(user)s
