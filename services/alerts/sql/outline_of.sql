-- The outline of an asset that is an area, as well-known text.
SELECT shape FROM assets WHERE id = %(source)s AND shape LIKE 'POLYGON%%'
