-- Assets of a type, which may have had another name; those of a type that has gone stay as they are.
UPDATE assets SET type = %(type)s, feed = %(feed)s
WHERE type = %(name)s AND (type, feed) IS DISTINCT FROM (%(type)s, %(feed)s)
